"""Pieces of code that can be told apart line by line, without a grammar: statements, blocks, items of lists.

Files being edited rarely parse, so brackets and indentation are all that is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from completion.next_edit.tokens import indent_of

OPEN, CLOSED = "([{", ")]}"
BLOCK: Final = 8  # lines of the longest block


@lru_cache(maxsize=4096)
def stands_alone(line: str) -> bool:
    """Whether a line is an item or a statement of its own: no bracket is left open, and no block begins."""
    text = line.strip()
    if not text or text.endswith((":", "{", "(", "[", "\\", "=")):
        return False
    return all(text.count(one) == text.count(other) for one, other in zip(OPEN, CLOSED, strict=True))


def unit(lines: Sequence[str], at: int, longest: int = BLOCK) -> int:
    """How many lines the item, statement or block that begins at `at` has; 0 where that cannot be told."""
    if stands_alone(lines[at]):
        return 1
    if not lines[at].rstrip().endswith(("{", ":", "(", "[")):
        return 0
    depth = len(indent_of(lines[at]))
    for size, line in enumerate(lines[at + 1 : at + longest], 2):
        if line.strip() and len(indent_of(line)) <= depth:
            return (
                size
                if line.strip()[0] in CLOSED and _ends(line)
                else 0
                if line.strip()[0] in CLOSED
                else size - 1
            )
    return 0


def _ends(line: str) -> bool:
    return not line.rstrip().endswith(("{", ":", "(", "["))


def edge(line: str, at: int, step: int) -> tuple[int, str]:
    """Where the item around `at` ends to one side, and the bracket or comma there; "" at the line's end."""
    into, out_of = (OPEN, CLOSED) if step > 0 else (CLOSED, OPEN)
    depth = 0
    index = at if step > 0 else at - 1
    while 0 <= index < len(line):
        char = line[index]
        if char in into:
            depth += 1
        elif char in out_of:
            if depth == 0:
                return (index if step > 0 else index + 1), char
            depth -= 1
        elif char == "," and depth == 0:
            return (index if step > 0 else index + 1), char
        index += step
    return (len(line) if step > 0 else 0), ""
