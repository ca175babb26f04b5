"""A region being rewritten, as hunks that are stable: each is told once and never taken back.

Lines are compared as they are written. Where the rewriting departs from the original a hunk opens; when it is
in step again, for as many lines as show that this is no accident, the hunk is closed and handed out. Put
together, the hunks make the whole rewriting, whatever the model does later.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from text.edits import Edit
from text.lines import split_lines

IN_STEP: Final = 2  # lines that are not blank
TELLING: Final = 12  # letters: one line with as many will do


class StableHunks:
    """The hunks from `original` to a text that is still being written. Both have `\\n` line ends."""

    def __init__(self, original: str) -> None:
        self._lines = [line for line in split_lines(original) if line]
        self._starts = [0, *accumulate(map(len, self._lines))]
        self._at = 0  # the line of the original that is due
        self._open: list[str] = []  # lines written since the rewriting left the original
        self._read = 0  # characters of the output that are in whole lines

    def feed(self, text: str) -> Iterator[Edit]:
        """Take the output so far, which only grows; give the hunks that have become stable."""
        while end := text.find("\n", self._read) + 1:
            line, self._read = text[self._read : end], end
            if not self._open and self._at < len(self._lines) and line == self._lines[self._at]:
                self._at += 1
                continue
            self._open.append(line)
            back = self._in_step()
            if back is not None:
                yield self._close(*back)

    def finish(self, text: str) -> Iterator[Edit]:
        """Give the last hunk, now that the whole output is there: the original's rest is the output's."""
        yield from self.feed(text)
        self._open += [text[self._read :]] if text[self._read :] else []
        self._read = len(text)
        if self._open or self._at < len(self._lines):
            same = _common_end(self._open, self._lines[self._at :])
            yield self._close(len(self._open) - same, len(self._lines) - same)

    def _in_step(self) -> tuple[int, int] | None:
        """How many of the open lines are new, and the original's line that the rest goes on from."""
        for at in range(self._at, len(self._lines)):
            same = _common_end(self._open, self._lines[self._at : at + 1])
            solid = [line for line in self._open[len(self._open) - same :] if line.strip()]
            if len(solid) >= IN_STEP or any(sum(map(str.isalnum, line)) >= TELLING for line in solid):
                return len(self._open) - same, at + 1 - same
        return None

    def _close(self, new: int, until: int) -> Edit:
        """The hunk of the first `new` open lines in place of the original's lines before `until`."""
        edit = Edit(self._starts[self._at], self._starts[until], "".join(self._open[:new]))
        self._at = until + len(self._open) - new
        self._open = []
        return edit


def _common_end(one: list[str], other: list[str]) -> int:
    """How many lines two lists have in common at their ends."""
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count]:
        count += 1
    return count
