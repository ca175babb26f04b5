"""The one form that every sketch is read into: rows, in the order of the file.

A row is one line of the sketch and what is known of it. Code says nothing of its lines: each may stand in the
file or be new. Diffs and search blocks say it of each.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

TAB = 4


class Kind(enum.Enum):
    """What a row says."""

    LINE = "a line of the result: of the file, or new"
    KNOWN = "a line of the file, which stays"
    OLD = "a line of the file, which goes"
    NEW = "a line that is to come in"
    GONE = "a comment: what it names goes"
    GAP = "a marker: lines of the file that are not shown"
    SOFT = "blank lines that may stand for lines that are not shown"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sketch; of a GONE row, `text` is what the comment names.

    Where the sketch wraps one line of the file, `text` is that line, and `written` the sketch's lines.
    """

    kind: Kind
    text: str
    indent: int = 0  # of markers, in columns: they stand as deep as what they leave out
    hint: int | None = None  # the line number that a diff gives, counted from 0
    written: tuple[str, ...] = ()

    @property
    def is_solid(self) -> bool:
        """Whether the row is a line of code that is not blank."""
        return self.kind in (Kind.LINE, Kind.KNOWN, Kind.OLD, Kind.NEW) and bool(self.text.strip())

    @property
    def is_blank(self) -> bool:
        """Whether the row is an empty line."""
        return self.kind not in (Kind.GAP, Kind.GONE) and not self.text.strip()


@dataclass(frozen=True)
class Sketch:
    """The rows, and how they were written: the name of the format."""

    rows: tuple[Row, ...]
    format: str
    whole: bool = False  # it is the whole file: what it does not show goes

    @property
    def explicit(self) -> bool:
        """Whether the sketch says of each line what is to become of it."""
        return self.format in ("unified diff", "search/replace")


def width(line: str) -> int:
    """How far a line is indented, in columns; a tab reaches to the next multiple of TAB."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    return len(blanks.expandtabs(TAB))


def pieces(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """The runs of rows between markers, half-open, those that hold more than blank lines."""
    found = []
    start = 0
    for index in range(len(rows) + 1):
        if index == len(rows) or rows[index].kind is Kind.GAP:
            if any(not row.is_blank for row in rows[start:index]):
                found.append((start, index))
            start = index + 1
    return found
