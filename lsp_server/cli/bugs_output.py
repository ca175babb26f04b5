"""What `tacit bugs` found, for people and as JSON or SARIF."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bug_finder import words
from bug_finder.dismissed import project_of
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.reasons import Reason
from bug_finder.risk import level, risk
from bug_finder.sarif import Shown, place_of, sarif
from tacit import __version__

SCHEMA = 1


@dataclass
class Result:
    """What was found, and what was not looked into."""

    shown: list[Shown] = field(default_factory=list)
    skipped: dict[str, Reason] = field(default_factory=dict)
    hidden: Counter[Reason] = field(default_factory=Counter)
    files: int = 0
    functions: int = 0


def as_json(result: Result) -> str:
    """One JSON document."""
    return json.dumps(_document(result), ensure_ascii=False)


def as_sarif(result: Result) -> str:
    """A SARIF 2.1.0 log, with paths from the project's root."""
    root = project_of(Path.cwd())
    shown = [each._replace(path=_from_root(each.path, root)) for each in result.shown]
    skipped = {_from_root(path, root): reason for path, reason in result.skipped.items()}
    return json.dumps(sarif(shown, skipped, __version__, root.as_uri() + "/"), ensure_ascii=False)


def tell(result: Result) -> None:
    """One line for each finding, on stdout."""
    for path, text, finding in result.shown:
        line, column = place_of(text, finding.start)
        print(f"{path}:{line + 1}:{column + 1}: {words.message(finding, text)} [{finding.kind}]")


def summarise(result: Result, seconds: float) -> None:
    """On stderr, so that stdout holds findings only."""
    count = len(result.shown)
    print(
        f"{count} finding{'' if count == 1 else 's'} in {result.functions} functions of {result.files} files,"
        f" {seconds:.1f} s.",
        file=sys.stderr,
    )
    if result.hidden:
        hidden = ", ".join(f"{n} {reason.value}" for reason, n in result.hidden.most_common())
        print(f"Not shown: {hidden}.", file=sys.stderr)
    silent = (Reason.NO_FUNCTIONS, Reason.EMPTY)
    for path, reason in result.skipped.items():
        if reason not in silent:
            print(f"{path}: skipped. {reason.sentence}", file=sys.stderr)


def _from_root(path: str, root: Path) -> str:
    """A path that was told from here as one from the root; as it is where it lies elsewhere."""
    place = Path(os.path.abspath(path))
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else place.as_posix()


def _document(result: Result) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "files": result.files,
        "functions": result.functions,
        "findings": [_as_json(each.path, each.text, each.finding) for each in result.shown],
        "hidden": {reason.value: count for reason, count in result.hidden.items()},
        "skipped": [
            {"path": path, "reason": reason.value, "sentence": reason.sentence}
            for path, reason in result.skipped.items()
        ],
    }


def _as_json(path: str, text: str, finding: Finding) -> dict[str, Any]:
    (line, column), (end_line, end_column) = place_of(text, finding.start), place_of(text, finding.end)
    return {
        "path": path,
        "line": line + 1,
        "column": column + 1,
        "end_line": end_line + 1,
        "end_column": end_column + 1,
        "kind": finding.kind,
        "function": finding.function,
        "probability": round(finding.probability, 4),
        "risk": round(risk(finding, text, path), 4),
        "level": level(finding, text, path),
        "message": finding.message,
        "replacement": finding.replacement,
        "fingerprint": fingerprint(finding, text),
    }
