"""Ways to take a piece out of a file, as it is missing while somebody types.

    char    the rest of a line, from anywhere behind its indentation; at its very end nothing is missing
    token   the rest of a line, from the end of a token
    line    a line, from behind its indentation
    block   the rest of a line and the lines below that are indented at least as deep, up to BLOCK_LINES
    node    a node of the syntax tree: an argument, an expression, a statement, a body

Offsets count code points.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from text.syntax import Syntax

BLOCK_LINES = 10
SKIPPED_LINES = 20
NODE_LENGTH = range(8, 601)  # characters

# Every kind as often as it is worth learning: most completions end with their line.
_SHARES = {"char": 25, "token": 20, "line": 20, "block": 15, "node": 20}
KINDS = tuple(_SHARES)
_SKIP_SHARE = 0.5  # of the cuts within lines: what follows is not written yet either
_COMMENT_SHARE = 0.1  # of the cuts in comments: prose is mostly beyond guessing
_TRIES = 6  # for one cut

_TOKEN_END = re.compile(r"(?<=\w)(?!\w)|(?<=[^\w\s])")


class Cut(NamedTuple):
    """The text [start, end) is to be filled in; the suffix begins at `resume`, `skipped` lines further on."""

    kind: str
    start: int
    end: int
    resume: int
    skipped: int = 0


class Lines:
    """The lines of a text: where each starts, how deep it is indented, where it ends."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]

    def __len__(self) -> int:
        return len(self.lines)

    def indent(self, line: int) -> int:
        """The width of its indentation in characters."""
        return len(self.lines[line]) - len(self.lines[line].lstrip())

    def first(self, line: int) -> int:
        """The offset behind its indentation."""
        return self.starts[line] + self.indent(line)

    def end(self, line: int) -> int:
        """The offset before its line ending."""
        return self.starts[line] + len(self.lines[line])

    def at(self, offset: int) -> int:
        """The line that holds an offset."""
        return bisect_right(self.starts, offset) - 1

    def block_end(self, line: int, limit: int) -> int:
        """The last line, at most `limit` further down, before the indentation falls below that of `line`.

        Blank lines at the end do not count.
        """
        last = line
        for below in range(line + 1, min(line + limit, len(self) - 1) + 1):
            if self.lines[below].strip():
                if self.indent(below) < self.indent(line):
                    break
                last = below
        return last


def cuts(text: str, syntax: Syntax | None, count: int, chance: random.Random) -> Iterator[Cut]:
    """Up to `count` different cuts of a file, in the order they were drawn."""
    lines = Lines(text)
    written = [line for line in range(len(lines)) if lines.lines[line].strip()]
    kinds = chance.choices(list(_SHARES), list(_SHARES.values()), k=count)
    drawn = set()
    for kind in kinds:
        for _ in range(_TRIES):
            line = chance.choice(written)
            cut = (
                _node_cut(text, lines, line, syntax, chance)
                if kind == "node"
                else _line_cut(kind, lines, line, chance)
            )
            if cut and (cut.start, cut.end) not in drawn and _is_worth_it(cut, syntax, chance):
                drawn.add((cut.start, cut.end))
                yield cut
                break


def _line_cut(kind: str, lines: Lines, line: int, chance: random.Random) -> Cut:
    last = lines.block_end(line, BLOCK_LINES - 1) if kind == "block" else line
    end = lines.end(last)
    start = _start(kind, lines, line, chance)
    if chance.random() >= _SKIP_SHARE:
        return Cut(kind, start, end, end)
    resume = lines.block_end(last, SKIPPED_LINES)
    return Cut(kind, start, end, lines.end(resume), resume - last)


def _start(kind: str, lines: Lines, line: int, chance: random.Random) -> int:
    first = lines.first(line)
    if kind == "line":
        return first
    if kind == "char":
        return chance.randint(first, lines.end(line))
    content = lines.lines[line].strip()
    ends = [match.start() for match in _TOKEN_END.finditer(content)]
    return first + chance.choice([0, *ends[:-1]] if kind == "block" else ends[:-1] or [0])


def _node_cut(text: str, lines: Lines, line: int, syntax: Syntax | None, chance: random.Random) -> Cut | None:
    """A node that stands around some place of the line."""
    if syntax is None:
        return None
    offset = chance.randint(lines.first(line), lines.end(line))
    nodes = [
        node
        for node in syntax.enclosing(offset)
        if node.end - node.start in NODE_LENGTH and _is_trimmed(text, node.start, node.end)
    ]
    nodes = [node for node in nodes if lines.at(node.end) - lines.at(node.start) <= BLOCK_LINES]
    if not nodes:
        return None
    node = chance.choice(nodes)
    return Cut("node", node.start, node.end, node.end)


def _is_trimmed(text: str, start: int, end: int) -> bool:
    return not text[start].isspace() and not text[end - 1].isspace()


def _is_worth_it(cut: Cut, syntax: Syntax | None, chance: random.Random) -> bool:
    if syntax is None or syntax.scope(cut.start) != "comment":
        return True
    return chance.random() < _COMMENT_SHARE
