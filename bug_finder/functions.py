"""The functions of a text: what is read as one, and named in a finding."""

from __future__ import annotations

from typing import NamedTuple

from text.outline import outline
from text.positions import ByteMap

MOST_CHARACTERS = 40_000  # of a function; longer ones are tables or generated


class Function(NamedTuple):
    """A function over the text [start, end), in code points, decorators included; `name` is qualified."""

    start: int
    end: int
    name: str
    text: str
    head: str = ""  # of the text, what stands before the body


def functions(text: str, language: str) -> list[Function]:
    """The functions that are in no other function, in order; none in a language that is not known."""
    if not language:
        return []
    source = ByteMap(text)
    found: list[Function] = []
    around: list[tuple[int, str]] = []  # (end, name) of the classes and modules that are open
    done = 0
    for each in outline(source.data, language).definitions:
        while around and around[-1][0] <= each.start:
            around.pop()
        if each.kind in ("class", "module"):
            around.append((each.end, each.name))
        if each.kind != "function" or each.start < done:
            continue
        done = each.end
        start, end = source.offset(each.start), source.offset(each.end)
        if each.body < each.end and end - start <= MOST_CHARACTERS:
            owner = [each.owner] if each.owner else [name for _, name in around]
            head = text[start : source.offset(each.body)]
            found.append(Function(start, end, ".".join([*owner, each.name]), text[start:end], head))
    return found
