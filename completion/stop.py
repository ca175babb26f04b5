"""Where a suggestion ends: what unit of code it is to be, and whether the text so far has come to its end.

The question is asked after every token, so it is answered from line ends, indentation and brackets; the
syntax tree has its say before the first token (`unit_at`) and after the last (`completion.verify`).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

from completion.brackets import depth


class Unit(enum.Enum):
    """How much one suggestion is meant to hold."""

    LINE = "line"  # the rest of the cursor's line
    STATEMENT = "statement"  # the statement that the cursor's line begins, with its block if it has one
    BLOCK = "block"  # all lines down to the one that is indented less than the cursor's


@dataclass(frozen=True, slots=True)
class Site:
    """The text around a cursor, as far as endings depend on it. Lines without their endings."""

    language: str
    line: str  # the cursor's line, up to the cursor
    rest: str  # and after it
    above: str  # the nearest line above that is not blank
    below: str  # the nearest line below that is not blank
    scope: str = "code"  # "code", "comment" or "string"


_TAB: Final = 4  # columns; only compared with one another
_BLOCK_OPENER: Final = re.compile(r"[{(\[:]\s*$|=>\s*$|->\s*$")
_WORD: Final = re.compile(r"\w")


def width(line: str) -> int:
    """Return the columns of a line's indentation."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))].replace("\t", " " * _TAB)
    return len(blanks)


def unit_at(site: Site, max_lines: int) -> Unit:
    """Decide how much to suggest at a cursor."""
    if max_lines <= 1 or site.rest.strip() or site.scope != "code" or not site.language:
        return Unit.LINE
    if not site.line.strip() and opens_block(site.above) and width(site.above) < width(site.line):
        return Unit.LINE if _begins_below(site) else Unit.BLOCK
    return Unit.STATEMENT


def opens_block(line: str) -> bool:
    """Return whether a line leaves a block, a bracket or a suite to be filled."""
    return bool(_BLOCK_OPENER.search(line.split(" #")[0].split(" //")[0]))


def _begins_below(site: Site) -> bool:
    """Whether the block has lines already, so that only one is wanting."""
    return bool(site.below) and width(site.below) >= width(site.line)


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop condition of one request: `stop(text so far)`; `end` says where to cut afterwards."""

    site: Site
    unit: Unit
    max_lines: int
    healed: int  # characters at the start of the text so far that stand in the document already

    def __call__(self, text: str) -> bool:
        """Return whether `text` has reached the end of the unit."""
        return "\n" in text and self.end(text[self.healed :]) is not None

    def end(self, body: str) -> int | None:
        """Return the offset in `body` at which the unit ends, None while it goes on.

        `body` is what would be inserted at the cursor. A line is looked at when it is whole, and the one that
        is being written as soon as its indentation is known.
        """
        lines = body.split("\n")
        offset = 0
        for number, line in enumerate(lines):
            whole = number < len(lines) - 1
            if number and self._ends_before(line, whole, body[:offset]):
                return _without_blank_end(body, offset)
            offset += len(line) + 1
            if whole and self._ends_after(body[: offset - 1]):
                return offset - 1
        return None

    def _ends_before(self, line: str, whole: bool, written: str) -> bool:
        """Whether the unit, `written` up to here, was over before `line`, which may be unfinished."""
        if whole and is_repeat(line, self.site.below):
            return True
        if not line.strip() or self._is_open(written):
            return False
        # What follows a statement stands on its column; a block goes on there.
        least = width(self.site.line) + (self.unit is Unit.STATEMENT and bool(written.strip()))
        return width(line) < least

    def _ends_after(self, written: str) -> bool:
        """Whether the unit is over with these whole lines."""
        if self.unit is Unit.LINE:
            return True
        lines = written.split("\n")
        if len(lines) >= self.max_lines:
            return True
        if self.unit is Unit.BLOCK or not written.strip():
            return False
        if self._is_open(written) or opens_block(lines[-1]) or lines[-1].endswith("\\"):
            return False
        # A suite goes on for as long as its lines are indented; only the next line can tell.
        return not any(line.rstrip().endswith(":") for line in (self.site.line + written).split("\n"))

    def _is_open(self, written: str) -> bool:
        """Whether a bracket or a string of several lines is still open."""
        statement = self.site.line + written
        quotes = ['"""', "'''"] if self.site.language == "python" else ["`"]
        return depth(statement, self.site.language) > 0 or any(statement.count(q) % 2 for q in quotes)


def is_repeat(line: str, other: str) -> bool:
    """Return whether two lines say the same and say something: closing brackets alone do not count."""
    return line.rstrip() == other.rstrip() and bool(_WORD.search(line))


def _without_blank_end(body: str, offset: int) -> int:
    return len(body[:offset].rstrip("\n \t"))
