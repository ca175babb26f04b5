"""Places that a comment marks as dangerous, or a pattern of the user's: less certainty is enough there.

A mark at the end of a line of code speaks of that line. One on a line of its own speaks of the code that
follows, up to the next empty line. A pattern of the user's speaks of every line that it is found in.
"""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from bug_finder.finding import Finding
from bug_finder.tokens import comments

LESS = 0.35
"""What the wanted precision is multiplied by in a dangerous place: attention is worth some false alarms."""

_MARK = re.compile(
    r"\b(?:DANGER|DANGEROUS|XXX|CAREFUL|BEWARE|HAZARD|SAFETY|UNSAFE)\b"
    r"|\b(?i:danger|dangerous|beware|be (?:very |extra )?careful|(?:not|n't) thread[- ]safe|unsafe)\b"
)


class Danger:
    """What is dangerous in one text."""

    def __init__(self, text: str, language: str, patterns: Iterable[str] = ()) -> None:
        """The patterns are those of file names, for a part of a line: `os.remove*`."""
        self._starts = [0]
        self._lines: set[int] = set()
        own = [re.compile(fnmatch.translate(f"*{each}*")) for each in patterns]
        if not language or not (own or _MARK.search(text)):
            return
        self._starts += [match.end() for match in re.finditer(r"\n", text)]
        lines = text.split("\n")
        for start, end in comments(text, language):
            if _MARK.search(text, start, end):
                self._lines.update(self._spoken_of(text, lines, start, end))
        self._lines.update(at for at, line in enumerate(lines) if any(each.match(line) for each in own))

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self._lines)

    def holds(self, finding: Finding) -> bool:
        """Whether the finding begins in a dangerous line."""
        return self._line(finding.start) in self._lines

    def among(self, start: int, end: int) -> bool:
        """Whether anything in the text [start, end) is."""
        return bool(self._lines) and any(
            line in self._lines for line in range(self._line(start), self._line(max(end - 1, start)) + 1)
        )

    def _spoken_of(self, text: str, lines: list[str], start: int, end: int) -> Iterator[int]:
        first, last = self._line(start), self._line(end)
        if text[self._starts[first] : start].strip():
            yield first
            return
        for line in range(last, len(lines)):
            if not lines[line].strip():
                return
            yield line

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1
