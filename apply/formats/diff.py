"""Unified diffs, and what models write for one: numbers, counts and even headers may be wrong.

Only the first character of each line is believed, and a context line that lost its blank is understood.
Numbers serve to choose between places that are otherwise equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apply.rows import Kind, Row, Sketch

_HUNK = re.compile(r"^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)?)?(?: @@|.*$)")
_HEADER = re.compile(
    r"^(?:diff --git |index [0-9a-f]|--- |\+\+\+ |(?:new|deleted) file mode|similarity |rename |\*\*\* )"
)
ODD = 0.3  # of the lines: more than these have not all lost the character that a diff puts first
_KINDS = {"+": Kind.NEW, "-": Kind.OLD, " ": Kind.KNOWN}


def is_diff(text: str) -> bool:
    """Whether `text` is a diff, and not code that quotes one: it has hunks, or headers and signed lines."""
    lines = text.splitlines()
    signed = sum(line[:1] in ("+", "-") for line in lines)
    odd = sum(bool(line) and line[0] not in " +-@\\" and not _HEADER.match(line) for line in lines)
    if odd > ODD * len(lines):
        return False
    if any(_HUNK.match(line) for line in lines):
        return signed > 0
    return any(line.startswith("--- ") for line in lines) and any(line.startswith("+++ ") for line in lines)


def read_diff(text: str) -> Sketch:
    """The rows of a diff of one file; its hunks are set apart by gaps."""
    return Sketch(tuple(_rows(text)), "unified diff")


def _rows(text: str) -> Iterator[Row]:
    yield Row(Kind.GAP, "")
    hint: int | None = None
    inside = False
    for line in text.splitlines():
        hunk = _HUNK.match(line)
        if hunk:
            yield Row(Kind.GAP, "")
            hint = int(hunk[1]) - 1 if hunk[1] else None
            inside = True
        elif line.startswith("\\") or (_HEADER.match(line) and (not inside or line.startswith("diff --git"))):
            inside = inside and not line.startswith("diff --git")
        else:
            kind = _KINDS.get(line[:1], Kind.KNOWN)
            yield Row(kind, line[1:] if line[:1] in _KINDS else line, hint=hint)
            hint = None if hint is None or kind is Kind.NEW else hint + 1
    yield Row(Kind.GAP, "")
