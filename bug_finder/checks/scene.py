"""A function with what a check may know of the rest of its file.

That is what findings are remembered by (bug_finder/cache.py): the text outside of functions, the heads of
all functions, and what stands above this one. A check that looked further would be answered from the cache
with what is no longer so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bug_finder.functions import Function, functions
from bug_finder.tokens import Token, lex


@dataclass(frozen=True)
class Around:
    """What a file says outside of its functions' bodies."""

    outside: str = ""
    heads: Mapping[str, Sequence[Function]] = field(default_factory=dict)  # by the name that is called
    above: Mapping[int, str] = field(default_factory=dict)  # by where a function starts

    @classmethod
    def of(cls, text: str, functions: Sequence[Function]) -> Around:
        """Of a text and all of its functions, in order."""
        pieces: list[str] = []
        heads: dict[str, list[Function]] = {}
        above: dict[int, str] = {}
        done = 0
        for each in functions:
            pieces.append(text[done : each.start])
            above[each.start] = pieces[-1]
            heads.setdefault(re.split(r"[.:]", each.name)[-1], []).append(each._replace(text=""))
            done = each.end
        return cls("\0".join([*pieces, text[done:]]), heads, above)


@dataclass(frozen=True)
class Scene:
    """One function, read."""

    function: Function
    language: str
    tokens: Sequence[Token]
    around: Around

    @property
    def above(self) -> str:
        """What stands between the function and the one before it, comments among it."""
        return self.around.above.get(self.function.start, "")


def lone(text: str, language: str) -> Scene:
    """A function of whose file nothing is known."""
    every = functions(text, language)
    head = every[0].head if every else text.partition("\n")[0]
    function = Function(0, len(text), every[0].name if every else "", text, head)
    return Scene(function, language, lex(text, language), Around.of(text, [function]))
