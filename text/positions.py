"""Where something is in a text, in every unit that is spoken here. The only file that converts units.

| unit            | spoken by                              | in this project                                |
|-----------------|----------------------------------------|------------------------------------------------|
| code point      | all of our code                        | `offset` (in the text), `column` (in the line) |
| UTF-8 byte      | tree-sitter                            | `byte`, through a ByteMap                      |
| UTF-8 unit      | LSP clients that negotiate utf-8       | `units` with Encoding.UTF8                     |
| UTF-16 unit     | LSP clients, unless they negotiate     | `units` with Encoding.UTF16                    |
| UTF-32 unit     | LSP clients that negotiate utf-32      | `units` with Encoding.UTF32; equals a column   |
| line            | LSP and all of our code, from 0        | ends in \\n, \\r\\n or \\r only                 |

Hazards: a character outside the basic plane is 1 code point, 2 UTF-16 units and 4 bytes. JSON can carry lone
surrogates, which strict codecs refuse; here each counts as one code point, one UTF-16 unit and three bytes.
A grapheme (what looks like one character) may be several code points; nothing here counts graphemes.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple


class Encoding(enum.Enum):
    """A unit of columns that an LSP client may ask for; the values are LSP's `PositionEncodingKind`."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class Position(NamedTuple):
    """A place between two characters: line from 0, column in code points from the line's start."""

    line: int
    column: int


def column_from_units(line: str, units: int, encoding: Encoding) -> int:
    """Code points before the place that is `units` into `line`.

    Clamped to the end of the line before its line ending; a unit inside a character gives that character's
    start.
    """
    body = without_ending(line)
    if encoding is Encoding.UTF32 or body.isascii():
        return min(max(units, 0), len(body))
    # The width of a prefix grows with every column, so the last prefix that still fits is found by bisection;
    # encoding runs at memory speed, which keeps even a minified file of one line cheap.
    columns = range(len(body) + 1)
    return max(bisect_right(columns, units, key=lambda column: _width(body[:column], encoding)) - 1, 0)


def units_from_column(line: str, column: int, encoding: Encoding) -> int:
    """Units of `encoding` before `column` (code points), clamped like `column_from_units`."""
    return _width(without_ending(line)[: max(column, 0)], encoding)


def without_ending(line: str) -> str:
    """The line less its own line ending, if it has one."""
    return line.rstrip("\r\n")


class ByteMap:
    """The UTF-8 bytes of a text, and conversion between its code points and those bytes.

    Free for ASCII. Otherwise the byte of every 1,024th character is noted once, on first use, and a
    conversion encodes or decodes less than one such stretch.
    """

    STRETCH = 1024

    def __init__(self, text: str) -> None:
        self.data = to_utf8(text)
        self._text = text
        self._ascii = len(self.data) == len(text)

    def __len__(self) -> int:
        """Code points, not bytes."""
        return len(self._text)

    @cached_property
    def parseable(self) -> bytes:
        """The bytes with each lone \\r as \\n: as many, and a line ending to every grammar.

        tree-sitter counts rows by \\n alone.
        """
        return _LONE_RETURN.sub(b"\n", self.data) if "\r" in self._text else self.data

    def byte(self, offset: int) -> int:
        """The first byte of the character at `offset`; clamped to the text."""
        offset = min(max(offset, 0), len(self._text))
        if self._ascii:
            return offset
        stretch = offset // self.STRETCH
        return self._marks[stretch] + len(to_utf8(self._text[stretch * self.STRETCH : offset]))

    def offset(self, byte: int) -> int:
        """The offset of the character that `byte` lies in; clamped to the text."""
        byte = min(max(byte, 0), len(self.data))
        if self._ascii:
            return byte
        stretch = bisect_right(self._marks, byte) - 1
        # Every byte that does not continue a character starts one; a byte inside a character is thus its
        # start.
        begun = self.data[self._marks[stretch] : byte + 1]
        starts = len(begun) - len(begun.translate(None, _STARTS))
        return stretch * self.STRETCH + starts - (byte < len(self.data))

    @cached_property
    def _marks(self) -> list[int]:
        marks = [0]
        for start in range(0, len(self._text) - self.STRETCH + 1, self.STRETCH):
            marks.append(marks[-1] + len(to_utf8(self._text[start : start + self.STRETCH])))
        return marks


_LONE_RETURN = re.compile(rb"\r(?!\n)")
_STARTS = bytes(byte for byte in range(256) if byte & 0xC0 != 0x80)


def to_utf8(text: str) -> bytes:
    """UTF-8 that lets lone surrogates through, as three bytes each."""
    return text.encode("utf-8", "surrogatepass")


def _width(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.UTF8:
        return len(to_utf8(text))
    if encoding is Encoding.UTF16:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)
