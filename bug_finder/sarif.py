"""Findings as a SARIF 2.1.0 log (OASIS standard), as CI systems and editors read it.

Columns are counted in code points, and the log says so. Paths are relative to `%SRCROOT%`. The partial
fingerprints keep a result the same when its lines move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

from bug_finder import words
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.reasons import Reason
from bug_finder.risk import level, risk

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {"warning": "warning", "information": "note", "hint": "note"}


class Shown(NamedTuple):
    """A finding in the text of the file at `path`, which is relative to the root, with `/`."""

    path: str
    text: str
    finding: Finding


def sarif(
    shown: Sequence[Shown], skipped: Mapping[str, Reason], version: str, root: str = ""
) -> dict[str, Any]:
    """The log; `skipped` files are told with their reasons, `root` is a URI that ends in `/`."""
    kinds = sorted({each.finding.kind for each in shown})
    driver = {
        "name": "Tacit",
        "semanticVersion": version,
        "rules": [_rule(kind) for kind in kinds],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, kinds.index(each.finding.kind)) for each in shown],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_skipped(path, why) for path, why in sorted(skipped.items())],
            }
        ],
    }
    if root:
        run["originalUriBaseIds"] = {"%SRCROOT%": {"uri": root}}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(kind: str) -> dict[str, Any]:
    title = words.titled(kind)
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in title.split()),
        "shortDescription": {"text": title},
        "help": {"text": f"To silence one of them: a comment `tacit: ignore[{kind}]` on its line."},
    }


def _result(each: Shown, rule: int) -> dict[str, Any]:
    finding, text = each.finding, each.text
    place = {"artifactLocation": _location(each.path), "region": _region(text, finding.start, finding.end)}
    result: dict[str, Any] = {
        "ruleId": finding.kind,
        "ruleIndex": rule,
        "level": _LEVELS[level(finding, text, each.path)],
        "message": {"text": words.message(finding, text)},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": finding.function, "kind": "function"}],
            }
        ],
        "partialFingerprints": {"tacit/v1": fingerprint(finding, text)},
        "rank": round(100 * finding.probability, 1),
        "properties": {
            "probability": round(finding.probability, 4),
            "risk": round(risk(finding, text, each.path), 4),
        },
    }
    if finding.replacement is not None:
        change = {
            "deletedRegion": _region(text, finding.start, finding.end),
            "insertedContent": {"text": finding.replacement},
        }
        artifact = {"artifactLocation": _location(each.path), "replacements": [change]}
        result["fixes"] = [
            {"description": {"text": words.proposal(finding, text)}, "artifactChanges": [artifact]}
        ]
    return result


def _skipped(path: str, reason: Reason) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": f"{path}: {reason.sentence}"},
        "descriptor": {"id": reason.value},
        "locations": [{"physicalLocation": {"artifactLocation": _location(path)}}],
    }


def _location(path: str) -> dict[str, Any]:
    if PurePosixPath(path).is_absolute():
        return {"uri": PurePosixPath(path).as_uri()}
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "%SRCROOT%"}


def _region(text: str, start: int, end: int) -> dict[str, int]:
    first, column = place_of(text, start)
    last, until = place_of(text, end)
    return {"startLine": first + 1, "startColumn": column + 1, "endLine": last + 1, "endColumn": until + 1}


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 0; lines end as in editors."""
    before = text[:offset]
    line = before.count("\n") + before.count("\r") - before.count("\r\n")
    return line, offset - max(before.rfind("\n"), before.rfind("\r")) - 1
