"""Lines as LSP counts them, in blocks, so that a change copies a few hundred pointers and not the whole file.

A line ends in \\n, \\r\\n or \\r and in nothing else: form feeds, U+0085 or U+2028 are ordinary characters
here. The last line has no ending and may be empty, so a text always has one line more than it has line
endings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

BLOCK = 512  # lines; a block is divided at twice and joined to a neighbour at a quarter of it

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ONLY_PYTHON_SPLITS_AT = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their endings, the last one without; at least one."""
    if any(char in text for char in _ONLY_PYTHON_SPLITS_AT):
        lines = _LINE.findall(text)
    else:
        lines = text.splitlines(keepends=True)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


class Block:
    """Some consecutive whole lines and what is known of them; never changed."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self.length = sum(map(len, self.lines))

    @cached_property
    def text(self) -> str:
        """All lines in one string."""
        return "".join(self.lines)

    @cached_property
    def endings(self) -> Counter[str]:
        """How often each line ending occurs."""
        pairs = self.text.count("\r\n")
        return Counter(
            {"\n": self.text.count("\n") - pairs, "\r\n": pairs, "\r": self.text.count("\r") - pairs}
        )


def to_blocks(lines: Sequence[str]) -> list[Block]:
    """`lines` cut into blocks of about equal size, no longer than needed."""
    if len(lines) <= 2 * BLOCK:
        return [Block(lines)]
    count = -(-len(lines) // BLOCK)
    bounds = [index * len(lines) // count for index in range(count + 1)]
    return [Block(lines[start:end]) for start, end in pairwise(bounds)]
