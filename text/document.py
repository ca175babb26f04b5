"""One open file as it was at one version: immutable, and replaced by a new Document on every change.

Lines live in blocks (see `text.lines`); a change rebuilds the blocks it touches and shares all others, so
that it costs O(edit + blocks) and not O(text). Offsets and columns are code points; `text.positions` knows
the other units.

Positions are forgiving, as LSP asks: a line beyond the end means the end of the document, and a column beyond
the end of its line means the place before that line's ending.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from text.edits import Edit, ReversedRangeError, apply, validate
from text.lines import BLOCK, Block, split_lines, to_blocks
from text.positions import Position, without_ending

_FEW_EDITS = 64  # beyond so many, one flat rebuild is cheaper than a splice for each


class Document:
    """A text with its address, version and language (a name of `text.syntax`, or "" for plain text)."""

    def __init__(self, uri: str, version: int, language: str, blocks: Sequence[Block]) -> None:
        self.uri = uri
        self.version = version
        self.language = language
        self._blocks = tuple(blocks)
        # Where each block starts; the last entry is the total.
        self._lines = list(accumulate((len(block.lines) for block in self._blocks), initial=0))
        self._offsets = list(accumulate((block.length for block in self._blocks), initial=0))

    @classmethod
    def create(cls, uri: str, text: str, version: int = 0, language: str = "") -> Document:
        """A document that holds `text`."""
        return cls(uri, version, language, to_blocks(split_lines(text)))

    def __len__(self) -> int:
        """Code points."""
        return self._offsets[-1]

    def __repr__(self) -> str:
        return f"Document({self.uri!r}, version={self.version}, lines={self.line_count})"

    @property
    def line_count(self) -> int:
        """Line endings plus one."""
        return self._lines[-1]

    @cached_property
    def text(self) -> str:
        """The whole text, joined on first use."""
        return "".join([block.text for block in self._blocks])

    @cached_property
    def eol(self) -> str:
        """The line ending that most lines have; "\\n" where there is none."""
        endings: Counter[str] = Counter()
        for block in self._blocks:
            endings.update(block.endings)
        return max(("\n", "\r\n", "\r"), key=lambda ending: endings[ending])

    def line(self, index: int) -> str:
        """A line with its ending. Raises IndexError outside 0 .. line_count - 1."""
        if not 0 <= index < self.line_count:
            raise IndexError(f"line {index} of {self.line_count}")
        number = bisect_right(self._lines, index) - 1
        return self._blocks[number].lines[index - self._lines[number]]

    def offset(self, position: Position) -> int:
        """Code points before `position`, which is clamped."""
        line, column = self._clamp(position)
        number = bisect_right(self._lines, line) - 1
        ahead = self._blocks[number].lines[: line - self._lines[number]]
        return self._offsets[number] + sum(map(len, ahead)) + column

    def position(self, offset: int) -> Position:
        """The place of a clamped `offset`; inside \\r\\n there is none, and the one before is given."""
        return self._clamp(self._locate(min(max(offset, 0), len(self))))

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets, clamped, without joining the rest."""
        start, end = max(start, 0), min(end, len(self))
        if start >= end:
            return ""
        first = bisect_right(self._offsets, start) - 1
        last = bisect_right(self._offsets, end - 1) - 1
        joined = "".join([block.text for block in self._blocks[first : last + 1]])
        return joined[start - self._offsets[first] : end - self._offsets[first]]

    def replace(self, start: Position, end: Position, new: str, version: int) -> Document:
        """This document after one change from the editor. Raises ReversedRangeError where `start` > `end`."""
        if start > end:
            raise ReversedRangeError(f"the range ends at {tuple(end)}, before it starts at {tuple(start)}")
        return self._splice(self._clamp(start), self._clamp(end), new, version)

    def apply(self, edits: Sequence[Edit], version: int) -> Document:
        """This document after `edits`. Raises EditError where they do not fit it."""
        validate(edits, len(self))
        if len(edits) > _FEW_EDITS:
            return Document.create(self.uri, apply(self.text, edits), version, self.language)
        document = Document(self.uri, version, self.language, self._blocks)
        for edit in reversed(edits):
            start, end = document._locate(edit.start), document._locate(edit.end)
            document = document._splice(start, end, edit.new, version)
        return document

    def _clamp(self, position: Position) -> Position:
        line, column = position
        if line < 0:
            return Position(0, 0)
        if line >= self.line_count:
            line = self.line_count - 1
            column = len(self.line(line))
        return Position(line, min(max(column, 0), len(without_ending(self.line(line)))))

    def _locate(self, offset: int) -> Position:
        """The exact place of `offset`, which may lie inside a line ending."""
        number = min(bisect_right(self._offsets, offset), len(self._blocks)) - 1
        ends = list(accumulate(map(len, self._blocks[number].lines), initial=self._offsets[number]))
        index = min(bisect_right(ends, offset), len(ends) - 1) - 1
        return Position(self._lines[number] + index, offset - ends[index])

    def _splice(self, start: Position, end: Position, new: str, version: int) -> Document:
        # A line to either side is split anew as well: an edit can join a \r to a \n over its boundary, or
        # part them.
        low, high = max(start.line - 1, 0), min(end.line + 2, self.line_count)
        before = [*map(self.line, range(low, start.line)), self.line(start.line)[: start.column]]
        after = [self.line(end.line)[end.column :], *map(self.line, range(end.line + 1, high))]
        lines = split_lines("".join([*before, new, *after]))
        if high < self.line_count:
            lines.pop()  # empty: the text goes on in the next line
        return Document(self.uri, version, self.language, self._with_lines(low, high, lines))

    def _with_lines(self, low: int, high: int, lines: Sequence[str]) -> list[Block]:
        """The blocks after the lines [low, high) were replaced by `lines`; neither is empty."""
        first = bisect_right(self._lines, low) - 1
        last = bisect_right(self._lines, high - 1) - 1
        head = self._blocks[first].lines[: low - self._lines[first]]
        tail = self._blocks[last].lines[high - self._lines[last] :]
        middle = [*head, *lines, *tail]
        if len(middle) < BLOCK // 4 and last + 1 < len(self._blocks):
            last += 1
            middle += self._blocks[last].lines
        return [*self._blocks[:first], *to_blocks(middle), *self._blocks[last + 1 :]]
