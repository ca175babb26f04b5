"""The tokens that changes are compared by."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from text.matching import Change as Span
from text.matching import changes

_TOKEN: Final = re.compile(r"[^\W\d]\w*|\d\w*(?:\.\w+)*|\s+|.")
_WORD: Final = re.compile(r"[^\W\d]\w+")
_WORDS: Final = """
    abstract and as assert async await bool boolean break byte case catch char class const continue def
    default defer del do double elif else enum except export extends extern False final finally float fn
    for from func function global go goto if impl implements import in include int interface is lambda
    let long loop match mod module mut namespace new nil None nonlocal not null nullptr or package pass
    private protected pub public raise range return self Self short signed sizeof static str string
    struct super switch template this throw throws trait True true false try type typedef typeof
    undefined unsigned use using var virtual void where while with yield
"""
_KEYWORDS: Final = frozenset(_WORDS.split())


_LINES: Final = 8192  # are remembered: each keystroke makes a new one, and most words are those of another


@lru_cache(maxsize=_LINES)
def tokens_of(line: str) -> tuple[str, ...]:
    """The words, numbers, runs of blanks and single other characters of a line."""
    return tuple(map(sys.intern, _TOKEN.findall(line)))


def is_word(token: str) -> bool:
    """Whether it is an identifier or keyword."""
    return token[:1].isalpha() or token[:1] == "_"


def is_name(token: str) -> bool:
    """Whether it is an identifier that may stand for one thing: no keyword, and longer than one letter."""
    return len(token) > 1 and is_word(token) and token not in _KEYWORDS


@lru_cache(maxsize=_LINES)
def names_of(line: str) -> frozenset[str]:
    """The names in a line."""
    return frozenset(map(sys.intern, _WORD.findall(line))) - _KEYWORDS


def spans(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    """Where two rows of tokens differ, blanks between two differences made part of them."""
    found: list[Span] = []
    for span in changes(old, new):
        if found and all(token.isspace() for token in old[found[-1].old_end : span.old_start]):
            last = found.pop()
            span = Span(last.old_start, span.old_end, last.new_start, span.new_end)
        found.append(span)
    return found


def indent_of(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip())]
