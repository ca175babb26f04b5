"""The functions of a file, as pieces of its text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from apply.structure import KINDS
from text.syntax import Syntax

_FUNCTION = re.compile("function|method|constructor")
_OPENED = (":", "{")


class Function(NamedTuple):
    """Lines `first` to `end` - 1 of a file, from 1; its body begins at line `body`."""

    name: str
    first: int
    body: int
    end: int

    def holds(self, first: int, end: int) -> bool:
        """Whether the lines `first` to `end` - 1, or the gap before `first`, lie in its body."""
        return self.body <= first and max(end, first + 1) <= self.end


def functions(lines: Sequence[str], syntax: Syntax) -> list[Function]:
    """The functions that are in no other function, in order. `syntax` is of these lines joined."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: list[Function] = []
    for kind, name, start, name_start, end in syntax.definitions(KINDS):
        if _FUNCTION.search(kind):
            first, last = bisect_right(starts, start), bisect_right(starts, end - 1)
            if not found or first >= found[-1].end:
                named = bisect_right(starts, name_start)
                found.append(Function(name, first, _body(lines, named, last), last + 1))
    return found


def dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that all of them have."""
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[depth:] for line in lines]


def _body(lines: Sequence[str], named: int, last: int) -> int:
    """The line behind the one that opens the body."""
    for line in range(named, last):
        if lines[line - 1].rstrip().endswith(_OPENED):
            return line + 1
    return last
