"""Tokens as numbers: what the network reads, and what it may predict.

The file is UTF-8 text: the tokens that it predicts, one a line with JSON's escapes, an empty line, and
the parts of which it knows the direction. A token that is no such part is read as up to PARTS of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.tokens import NAME, NUMBER, STRING, Token
from text.languages import LANGUAGES

PARTS = 4  # of a token, the first ones
MOST_COPIED = 40  # characters of a string that is the same as another one
PADDING, NOTHING, ANY_NAME, ANY_STRING, ANY_NUMBER, ANY_OTHER = range(6)  # the first classes
_ANY = {NAME: ANY_NAME, STRING: ANY_STRING, NUMBER: ANY_NUMBER}
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_QUOTES = re.compile(r"^\w*(\"\"\"|'''|\"|'|`)")

Int16 = npt.NDArray[np.int16]


class Encoded(NamedTuple):
    """A function of n tokens."""

    kinds: Int16  # (n,)
    classes: Int16  # (n,): what would be predicted
    parts: Int16  # (n, PARTS); 0 where there are fewer
    copies: Int16  # (n,): equal names and strings have equal numbers, counted from 0; -1 for all else


class Vocabulary:
    """Classes and parts; 0 is padding in both, and part 1 stands for every unknown one."""

    def __init__(self, classes: Sequence[str], parts: Sequence[str]) -> None:
        self.classes = classes
        self.parts = parts
        self._class_of = {text: at for at, text in enumerate(classes, ANY_OTHER + 1)}
        self._part_of = {text: at for at, text in enumerate(parts, 2)}
        self._known: dict[tuple[int, str], tuple[int, ...]] = {}

    @property
    def class_count(self) -> int:
        """Classes, the first ones included."""
        return len(self.classes) + ANY_OTHER + 1

    @property
    def part_count(self) -> int:
        """Parts, padding and the unknown one included."""
        return len(self.parts) + 2

    def class_of(self, text: str) -> int | None:
        """The class of this very token, as `spelling` writes it."""
        return self._class_of.get(text)

    def text_of(self, number: int) -> str:
        """The token of a class; "" for the classes that stand for many."""
        return self.classes[number - ANY_OTHER - 1] if number > ANY_OTHER else ""

    def encode(self, tokens: Sequence[Token]) -> Encoded:
        """The tokens as numbers."""
        rows = np.array([self._row(token) for token in tokens], np.int16).reshape(len(tokens), 2 + PARTS)
        numbers: dict[str, int] = {}
        copies = [
            numbers.setdefault(token.text, len(numbers))
            if token.kind == NAME or (token.kind == STRING and len(token.text) <= MOST_COPIED)
            else -1
            for token in tokens
        ]
        return Encoded(rows[:, 0], rows[:, 1], rows[:, 2:], np.array(copies, np.int16))

    def _row(self, token: Token) -> tuple[int, ...]:
        key = token[0], token[1]
        row = self._known.get(key)
        if row is None:
            if len(self._known) > 1 << 16:
                self._known.clear()
            text = spelling(token)
            number = self._class_of.get(text, _ANY.get(token.kind, ANY_OTHER))
            parts = [self._part_of.get(part, 1) for part in parts_of(token)]
            row = self._known[key] = (token.kind, number, *parts, *[0] * (PARTS - len(parts)))
        return row

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a vocabulary; raises OSError and ValueError."""
        classes, _, parts = path.read_text("utf-8").partition("\n\n")
        return cls([json.loads(line) for line in classes.split("\n")], parts.split())

    def save(self, path: Path) -> None:
        """Write it."""
        classes = "\n".join(json.dumps(text, ensure_ascii=False) for text in self.classes)
        path.write_text(classes + "\n\n" + "\n".join(self.parts) + "\n", "utf-8")


def language_number(language: str) -> int:
    """The number of a language."""
    return LANGUAGES.index(language)


def spelling(token: Token) -> str:
    """A token's text, all quotes alike."""
    if token.kind != STRING:
        return token.text
    return _QUOTES.sub('"', token.text[: MOST_COPIED + 4]).rstrip("\"'`") + '"'


def parts_of(token: Token) -> list[str]:
    """What a token is made of, in lower case; of a string a quotation mark and its first words."""
    if token.kind == NAME:
        return [part.lower() for part in _PART.findall(token.text)[:PARTS]] or [token.text[:8]]
    if token.kind == STRING:
        return ['"', *(part.lower() for part in _PART.findall(_QUOTES.sub("", token.text[:60]))[: PARTS - 1])]
    return [token.text.replace("\n", "↵")[:12]]


def most_frequent(counts: Iterable[tuple[str, int]], most: int) -> list[str]:
    """The `most` frequent texts, equal ones by their spelling."""
    ranked = sorted(counts, key=lambda each: (-each[1], each[0]))
    return [text for text, _ in ranked[:most]]
