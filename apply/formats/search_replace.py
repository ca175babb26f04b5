"""Search/replace blocks, in the ways in which they are fenced by the tools that use them.

Code may hold what looks like a fence: doctests, underlined headings, conflict markers. So a block ends with
the last line that can end it, and is divided where what stands above is in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from apply.rows import Kind, Row, Sketch
from text.matching import changes

_OPENER = re.compile(r"^[ \t]*(<{3,}|-{3,})[ ]*(SEARCH|ORIGINAL|HEAD|OLD|FIND)\b", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*={3,}[ \t]*$")
_END = re.compile(
    r"^[ \t]*(?:>{4,}|>{3}[ \t]*$|(?:>{3}|\+{3,})[ ]*(?:REPLACE|UPDATED|NEW|END)\b)", re.IGNORECASE
)


class _Block(NamedTuple):
    """The lines between the fences, and where among them the dividing line may be."""

    lines: Sequence[str]
    dividers: Sequence[int]


def is_search_replace(text: str) -> bool:
    """Whether there is a whole block in `text`."""
    return next(_blocks(text), None) is not None


def read_search_replace(text: str, file: Sequence[str]) -> tuple[Sketch, ...]:
    """One sketch for each block: blocks need not be in the order of `file`, the lines that they change."""
    known = _joined(file)
    return tuple(Sketch(tuple(_rows(block, known)), "search/replace") for block in _blocks(text))


def _blocks(text: str) -> Iterator[_Block]:
    lines = text.splitlines()
    openers = [(at, found[2].upper()) for at, line in enumerate(lines) if (found := _OPENER.match(line))]
    starts = [at for at, word in openers if word == openers[0][1]]
    for start, limit in pairwise([*starts, len(lines)]):
        end = next((at for at in range(limit - 1, start, -1) if _END.match(lines[at])), start)
        inside = lines[start + 1 : end]
        dividers = [at for at, line in enumerate(inside) if _DIVIDER.match(line)]
        if dividers:
            yield _Block(inside, dividers)


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"\n{line.strip()}\n" for line in lines if line.strip())


def _rows(block: _Block, known: str) -> Iterator[Row]:
    fitting = [at for at in block.dividers if _joined(block.lines[:at]) in known]
    at = max(fitting, default=block.dividers[0])
    search, replace = block.lines[:at], block.lines[at + 1 :]
    yield Row(Kind.GAP, "")
    done = 0
    for change in changes([line.rstrip() for line in search], [line.rstrip() for line in replace]):
        yield from (Row(Kind.KNOWN, line) for line in search[done : change.old_start])
        yield from (Row(Kind.OLD, line) for line in search[change.old_start : change.old_end])
        yield from (Row(Kind.NEW, line) for line in replace[change.new_start : change.new_end])
        done = change.old_end
    yield from (Row(Kind.KNOWN, line) for line in search[done:])
    yield Row(Kind.GAP, "")
