"""The lines of a file as sketches are compared with them: keys, weights, and lines that are nearly equal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from apply.rows import width
from text.lines import split_lines

_WORD = re.compile(r"\w+|[^\w\s]")
_STRING = re.compile(r"""("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')""")
_BLANKS = re.compile(r"(?<!\w) | (?!\w)")
_BRACKETS = re.compile(r"\([^()]*\)")
_UNTIDY = re.compile(r",(?=[^\s)\]}])|\( +| +\)|(?<=\w)\+(?=\w)")
_TIGHT = re.compile(r"(?<=[\w\])])=(?=[\w\[({\"'-])")
_ELIDED = re.compile(r"(?<=[({,])(?:\.{3}|…)(?=[)},])")

NEARLY = 0.6  # how much of their tokens two lines have in common that may be the same line


@lru_cache(maxsize=1 << 14)
def key(line: str) -> str:
    """A line without its indentation, and with single blanks inside."""
    return " ".join(line.split())


@lru_cache(maxsize=1 << 14)
def loose_key(line: str) -> str:
    """A line without blanks but those in strings and between words, and with one kind of quotes."""
    parts = _STRING.split(line.strip())  # every other one is a string
    parts[::2] = (_BLANKS.sub("", " ".join(part.split())) for part in parts[::2])
    return "".join(parts).replace("'", '"').replace("`", '"')


@lru_cache(maxsize=1 << 14)
def informative(line: str) -> float:
    """How much a line tells about where it stands, from 0.1 for a bracket to 1."""
    letters = sum(map(str.isalnum, line))
    return min(1.0, 0.1 + letters / 24)


class FileLines:
    """The lines of one file, without endings, and look-ups by what they say."""

    def __init__(self, text: str) -> None:
        ended = split_lines(text)
        if ended[-1] == "":
            ended.pop()
        self.ended = ended
        self.lines = [line.rstrip("\r\n") for line in ended]

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def solid(self) -> NDArray[np.int64]:
        """The numbers of the lines that are not blank: only these are aligned."""
        return np.array([index for index, line in enumerate(self.lines) if line.strip()], dtype=np.int64)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """For each line, and for the end of the file, how many solid lines come before it."""
        return np.concatenate([[0], np.cumsum([bool(line.strip()) for line in self.lines], dtype=np.int64)])

    @cached_property
    def keys(self) -> list[str]:
        """`key` of each line."""
        return [key(line) for line in self.lines]

    @cached_property
    def places(self) -> dict[str, NDArray[np.int64]]:
        """Where each key stands."""
        return _places(self.keys)

    @cached_property
    def loose_places(self) -> dict[str, NDArray[np.int64]]:
        """Where each loose key stands."""
        return _places(map(loose_key, self.lines))

    @cached_property
    def indents(self) -> NDArray[np.int64]:
        """The indentation of each line, in columns."""
        return np.array([width(line) for line in self.lines], dtype=np.int64)

    @cached_property
    def _postings(self) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.float64]]:
        found: dict[str, list[int]] = defaultdict(list)
        sizes = np.zeros(len(self))
        for index, line in enumerate(self.lines):
            for token in set(_WORD.findall(line)):
                found[token].append(index)
                sizes[index] += _token_weight(token)
        return {token: np.array(at) for token, at in found.items()}, sizes

    def similar(self, line: str, taken: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The lines that are nearly `line`, and how nearly: the Dice coefficient of their tokens.

        `taken` lines are left out.
        """
        postings, sizes = self._postings
        tokens = set(_WORD.findall(line))
        own = sum(map(_token_weight, tokens))
        common = np.zeros(len(self))
        for token in tokens:
            if token in postings:
                common[postings[token]] += _token_weight(token)
        with np.errstate(invalid="ignore"):
            likeness = 2 * common / (sizes + own)
        likeness[taken] = 0
        at = np.flatnonzero(likeness >= NEARLY)
        return at, likeness[at]

    def elided(self, line: str) -> NDArray[np.int64]:
        """The lines that `line`, whose arguments are elided (`f(...)`), may stand for."""
        found = [at for at in range(len(self)) if stands_for(line, self.lines[at])] if is_elided(line) else []
        return np.array(found, dtype=np.int64)


def is_elided(line: str) -> bool:
    """Whether arguments are left out in a line: `f(...)`, `f(a, ...)` or `{...}`."""
    return _ELIDED.search(loose_key(line)) is not None


def stands_for(shown: str, line: str) -> bool:
    """Whether `shown`, with some arguments elided, may be `line`."""
    parts = _ELIDED.split(loose_key(shown))
    return len(parts) > 1 and re.fullmatch(".*".join(map(re.escape, parts)), loose_key(line)) is not None


@lru_cache(maxsize=1 << 14)
def untidiness(line: str) -> int:
    """In how many places a line lacks a blank, or has one too many, by the custom of most languages.

    Who copies carelessly makes lines less tidy; a line that is tidier than the file's is meant.
    """
    code = _STRING.sub('""', line.strip())
    outside = code
    while (less := _BRACKETS.sub("", outside)) != outside:
        outside = less
    return len(_UNTIDY.findall(code)) + len(_TIGHT.findall(outside))


def likeness(one: str, other: str) -> float:
    """How nearly two lines are the same, from 0 to 1: the Dice coefficient of their tokens."""
    first, second = set(_WORD.findall(one)), set(_WORD.findall(other))
    size = sum(map(_token_weight, first)) + sum(map(_token_weight, second))
    return 2 * sum(map(_token_weight, first & second)) / size if size else 0.0


def _token_weight(token: str) -> float:
    return 1.0 if token[0].isalnum() or token[0] == "_" else 0.25


def _places(keys: Iterable[str]) -> dict[str, NDArray[np.int64]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(keys):
        found[each].append(index)
    return {each: np.array(at, dtype=np.int64) for each, at in found.items()}
