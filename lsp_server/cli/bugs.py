"""`tacit bugs`: what is probably wrong in files and folders, or in a change; for people, CI and hooks.

Exit codes are those of linters: 0 nothing is found, 1 something is, 2 it could not be looked for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bug_finder import cache, words
from bug_finder.cache import Cache
from bug_finder.choose import Wish, choose
from bug_finder.detect import Detector
from bug_finder.dismissed import Dismissed, project_of
from bug_finder.examine import examine
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.reasons import Reason
from bug_finder.review import Span, changed_spans, touched
from bug_finder.review_git import Changed, GitError, Tree
from bug_finder.risk import level, risk
from bug_finder.sarif import Shown, place_of, sarif
from bug_finder.source import has_changed, read
from engine.cancel import NEVER
from lsp_server.logs import place_of as raised_at
from retrieval.walk import Limits, Walker
from tacit import __version__
from text.content import decoded
from text.languages import language_of

SCHEMA = 1
TRIES = 3
"""How often a file is read that changes meanwhile."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH", help="files and folders")
    parser.add_argument(
        "--diff",
        nargs="?",
        const="HEAD",
        metavar="REV",
        help="only what differs from a commit (default: HEAD; `main...`: from where the branch began), "
        "the riskiest first",
    )
    parser.add_argument(
        "--min-precision",
        type=_share,
        default=0.7,
        metavar="P",
        help="how many of the findings should be right (0.7)",
    )
    parser.add_argument(
        "--max-per-file", type=int, default=5, metavar="N", help="the most that are told of one file (5)"
    )
    parser.add_argument(
        "--off", action="append", default=[], metavar="KIND", help="a kind that is not told; may be repeated"
    )
    parser.add_argument(
        "--dangerous",
        action="append",
        default=[],
        metavar="PATTERN",
        help="lines, with *, in which less certainty is enough; may be repeated",
    )
    parser.add_argument("--exit-zero", action="store_true", help="0 also where something is found")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document on stdout")
    form.add_argument("--sarif", action="store_true", help="a SARIF 2.1.0 log on stdout")


@dataclass
class Result:
    """What was found, and what was not looked into."""

    shown: list[Shown] = field(default_factory=list)
    skipped: dict[str, Reason] = field(default_factory=dict)
    hidden: Counter[Reason] = field(default_factory=Counter)
    files: int = 0
    functions: int = 0


@dataclass(frozen=True)
class Target:
    """A file: where it lies, its path in its project, how it is told; and what it was before the change."""

    place: Path
    path: str
    name: str
    before: Callable[[], bytes | None] | None = None  # None: no change is reviewed


def run(args: argparse.Namespace) -> int:
    """Look for bugs; 0 none, 1 some, 2 where there is nothing to look at or no way to."""
    if args.diff is not None and Path(args.diff).exists() and not args.paths:
        args.paths, args.diff = [Path(args.diff)], "HEAD"  # `tacit bugs --diff src`
    if not args.paths and args.diff is None:
        return _fail("name files or folders, or use --diff")
    if missing := [path for path in args.paths if not os.path.lexists(path)]:
        return _fail(f"there is no {missing[0]}")
    try:
        targets = _changed(args.paths, args.diff) if args.diff is not None else _targets(args.paths)
        finder = Detector.load().at(args.min_precision, args.dangerous)
    except (GitError, OSError) as error:
        return _fail(str(error))
    wish = Wish(args.min_precision, frozenset(args.off), args.max_per_file, tuple(args.dangerous))
    began = time.monotonic()
    result = look(finder, targets, wish)
    if args.diff is not None:
        result.shown.sort(key=lambda each: -risk(each.finding, each.text, each.path))
    if args.sarif:
        root = project_of(Path.cwd())
        shown = [each._replace(path=_from_root(each.path, root)) for each in result.shown]
        skipped = {_from_root(path, root): reason for path, reason in result.skipped.items()}
        print(json.dumps(sarif(shown, skipped, __version__, root.as_uri() + "/"), ensure_ascii=False))
    elif args.json:
        print(json.dumps(_document(result), ensure_ascii=False))
    else:
        _tell(result)
    if not args.json and not args.sarif:
        _summary(result, time.monotonic() - began)
    return 1 if result.shown and not args.exit_zero else 0


def look(finder: Detector, targets: Sequence[Target], wish: Wish) -> Result:
    """Examine all files; one that cannot be examined is skipped with a reason, whatever it holds."""
    result, known = Result(), Cache(cache.path())
    records: dict[Path, Dismissed | None] = {}
    columns = (TextColumn("looking for bugs"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            for each in bar.track(targets, total=len(targets)):
                try:
                    reason = _file(finder, known, each, wish, records, result)
                except Exception as error:  # one file less; the others are looked at all the same
                    print(
                        f"tacit bugs: {each.name}: {type(error).__name__} at {raised_at(error)}",
                        file=sys.stderr,
                    )
                    reason = Reason.FAILED
                if reason is not None:
                    result.skipped[each.name] = reason
    finally:
        known.close()
        for record in records.values():
            if record is not None:
                record.close()
    return result


def _file(
    finder: Detector,
    known: Cache,
    target: Target,
    wish: Wish,
    records: dict[Path, Dismissed | None],
    result: Result,
) -> Reason | None:
    """Examine one file; why it was not."""
    for _ in range(TRIES):
        source = read(target.place, target.path)
        if source.reason is Reason.CHANGED:
            continue
        if source.reason is not None:
            return source.reason
        text, language = source.text, source.language
        examined = examine(finder, known, text, language, NEVER)
        if has_changed(target.place, source.stamp):
            continue
        if examined.reason is not None:
            return examined.reason
        spans = touched(_spans(target, text), examined.functions) if target.before else None
        record = _record(target.place, records)
        chosen = choose(examined.findings, text, language, wish, record, spans)
        result.files += 1
        result.functions += len(examined.functions)
        result.hidden += chosen.hidden
        ordered = sorted(chosen.shown, key=lambda finding: finding.start)
        result.shown += [Shown(target.name, text, finding) for finding in ordered]
        return None
    return Reason.CHANGED


def _spans(target: Target, text: str) -> list[Span]:
    before = target.before() if target.before else None
    return changed_spans("" if before is None else decoded(before), text)


def _record(place: Path, records: dict[Path, Dismissed | None]) -> Any:
    """What was dismissed in the file's project; nothing where the record cannot be read."""
    project = project_of(place)
    if project not in records:
        try:
            records[project] = Dismissed(project)
        except Exception as error:
            print(f"tacit bugs: what was dismissed is not known: {error}", file=sys.stderr)
            records[project] = None
    return records[project] if records[project] is not None else ()


def _targets(paths: Sequence[Path]) -> list[Target]:
    """The files that are named, and those in the folders that are, by git's rules of what to ignore."""
    found: dict[Path, Target] = {}
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            project = project_of(root)
            for each in sorted(Walker(root, Limits(code_bytes=1 << 40)).walk()):
                if language_of(path=each.path):
                    place = root / each.path
                    found.setdefault(place, _target(place, project, str(path / each.path)))
        else:
            place = Path(os.path.abspath(path))
            found.setdefault(place, _target(place, project_of(place), str(path)))
    return list(found.values())


def _target(place: Path, project: Path, name: str) -> Target:
    return Target(place, _relative(place, project), name.replace(os.sep, "/"))


def _changed(paths: Sequence[Path], rev: str) -> list[Target]:
    """The files that differ from a commit, as far as they are among `paths`. Raises GitError."""
    first = paths[0] if paths else Path()
    tree = Tree(first if first.is_dir() else first.parent, rev)
    among = [path.resolve() for path in paths]
    return [
        Target(each.path, _relative(each.path, tree.root), _name(each.path), _reader(tree, each))
        for each in tree.changed()
        if language_of(path=each.path.name)
        and (not among or any(each.path.resolve().is_relative_to(path) for path in among))
    ]


def _reader(tree: Tree, changed: Changed) -> Callable[[], bytes | None]:
    return lambda: None if changed.before is None else tree.before(changed.before)


def _relative(place: Path, root: Path) -> str:
    try:
        return place.relative_to(root).as_posix()
    except ValueError:
        return place.name


def _name(place: Path) -> str:
    """How a file is told: from here, if it lies below."""
    try:
        return place.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return place.as_posix()


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


def _tell(result: Result) -> None:
    for path, text, finding in result.shown:
        line, column = place_of(text, finding.start)
        print(f"{path}:{line + 1}:{column + 1}: {words.message(finding, text)} [{finding.kind}]")


def _summary(result: Result, seconds: float) -> None:
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


def _share(value: str) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a number from 0 to 1")
    return share


def _fail(reason: str) -> int:
    print(f"tacit bugs: {reason}", file=sys.stderr)
    return 2
