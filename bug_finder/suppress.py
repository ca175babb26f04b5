"""Comments that switch findings off where they stand: `tacit: ignore`, or `tacit: ignore[kind, kind]`.

At the end of a line it speaks of that line; on a line of its own, of the next line of code. The comment
has the language's own form; what stands in a string is no comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bug_finder.finding import Finding
from bug_finder.tokens import comments

_MARK = re.compile(r"\btacit:\s*ignore\b(?:\s*\[([^\]\n]*)\])?")

Kinds = frozenset[str]
"""Kinds that are ignored; none of them in it means all."""


class Suppressions:
    """What the comments of one text say."""

    def __init__(self, text: str, language: str) -> None:
        self._lines: dict[int, list[Kinds]] = {}
        self._starts = [0]
        if not language or "tacit:" not in text or _MARK.search(text) is None:
            return
        self._starts += [match.end() for match in re.finditer(r"\n|\r(?!\n)", text)]
        spans = comments(text, language)
        for start, end in spans:
            for mark in _MARK.finditer(text, start, end):
                kinds = frozenset(kind.strip() for kind in (mark[1] or "").split(",")) - {""}
                self._lines.setdefault(self._line_of(text, start, end, spans), []).append(kinds)

    def ignore(self, finding: Finding) -> bool:
        """Whether a comment says so, on a line that the finding is on."""
        if not self._lines:
            return False
        last = self._at(max(finding.end - 1, finding.start))
        marks = [each for line in range(finding.line, last + 1) for each in self._lines.get(line, ())]
        return any(not kinds or finding.kind in kinds for kinds in marks)

    def _line_of(self, text: str, start: int, end: int, spans: list[tuple[int, int]]) -> int:
        """The line that a comment speaks of."""
        line = self._at(start)
        if text[self._starts[line] : start].strip():
            return line
        ends = dict(spans)
        at = end
        while at < len(text) and (text[at].isspace() or at in ends):
            at = ends.get(at, at + 1)
        return self._at(min(at, len(text)))

    def _at(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1
