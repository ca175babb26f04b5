"""Two versions of a file, and the spans of lines of the new one that a sketch may show."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from apply.structure import KINDS
from text.syntax import parse

Span = tuple[int, int]  # lines [start, end) of the new version
Change = tuple[int, int, int, int]  # lines [i1, i2) of the old version become lines [j1, j2) of the new one


class Pair:
    """Two versions of a file, and what a maker of sketches has to know of them."""

    def __init__(self, old: str, new: str, language: str) -> None:
        self.old, self.new = old.split("\n"), new.split("\n")
        self.old_text, self.new_text, self.language = old, new, language
        for lines in (self.old, self.new):
            if lines[-1] == "":
                lines.pop()
        matcher = difflib.SequenceMatcher(None, self.old, self.new, autojunk=False)
        self.changes: list[Change] = [op[1:] for op in matcher.get_opcodes() if op[0] != "equal"]
        self.comment = "#" if language == "python" else "//"
        self.functions, self.classes = self._definitions()

    @cached_property
    def kept(self) -> frozenset[str]:
        """The lines that both versions have."""
        return frozenset(self.old) & frozenset(self.new)

    def _definitions(self) -> tuple[list[Span], list[Span]]:
        """The functions and the classes of the new version."""
        syntax = parse(self.new_text, self.language)
        starts = list(accumulate((len(line) + 1 for line in self.new), initial=0))
        functions: list[Span] = []
        classes: list[Span] = []
        for kind, _, start, _, end in syntax.definitions(KINDS) if syntax else ():
            span = bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1))
            if re.search("function|method|constructor", kind):
                functions.append(span)
            elif re.search("class|impl|interface|trait|mod_item|namespace", kind):
                classes.append(span)
        return functions, classes

    def function_of(self, span: Span) -> Span | None:
        """The outermost function that holds a span."""
        return next((each for each in self.functions if each[0] <= span[0] and span[1] <= each[1]), None)

    def class_of(self, line: int) -> Span | None:
        """The innermost class that holds a line, other than the one that begins there."""
        found = [each for each in self.classes if each[0] < line < each[1]]
        return found[-1] if found else None


def with_context(pair: Pair, context: int) -> list[Span]:
    """The changes with lines around them, as `around` takes them."""
    return joined([around(pair.new, start, end, context) for *_, start, end in pair.changes])


def around(lines: Sequence[str], start: int, end: int, context: int) -> Span:
    """Lines [start, end) with so many more on either side, or more, so that at least one is not blank."""
    first, last = max(0, start - context), min(len(lines), end + context)
    while first > 0 and not any(map(str.strip, lines[first:start])):
        first -= 1
    while last < len(lines) and not any(map(str.strip, lines[end:last])):
        last += 1
    return first, last


def whole_functions(pair: Pair) -> list[Span]:
    """The functions that hold changes, and changes outside of functions with lines around them."""
    spans = []
    for *_, start, end in pair.changes:
        function = pair.function_of((start, max(start + 1, end)))
        if function:
            spans.append(function)
        if function is None or start == end:
            spans.append(around(pair.new, start, end, 3))
    return joined(spans)


def joined(spans: Sequence[Span]) -> list[Span]:
    """The spans in order; those that touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def body_of(pair: Pair, function: Span) -> int:
    """The line after the first line of a function and its arguments."""
    for index in range(function[0], min(function[1], function[0] + 8)):
        if pair.new[index].rstrip().endswith((":", "{")):
            return index + 1
    return function[0] + 1
