"""What else could stand at each place, by the network's reading: the likeliest other token, and the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.network import Reading
from bug_finder.sites import ATTRIBUTE, BEFORE, CALLED, METHOD, TEXT, VARIABLE, Sites
from bug_finder.tokens import MEMBER, STRING, Token
from bug_finder.vocabulary import Encoded, Vocabulary

LEAST: Final = -12.0  # a logarithm of a probability below this tells no more

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Seen(NamedTuple):
    """A function with its S places, and what the network makes of them."""

    tokens: Sequence[Token]
    encoded: Encoded
    places: Sites
    reading: Reading


def alternatives(
    seen: Seen, groups: Mapping[int, Ints], vocabulary: Vocabulary
) -> tuple[Floats, Floats, list[str]]:
    """For each place the logarithms of the best two alternatives' probabilities, and the best one.

    Both are (S,) and LEAST where there is none, for which the word is "". `groups` has the classes that each
    group of places may be.
    """
    places = seen.places
    count = len(places.tokens)
    best = np.full(count, LEAST, np.float32)
    second = np.full(count, LEAST, np.float32)
    found = [""] * count
    spelt: dict[int, str] = {}
    for token, number in zip(seen.tokens, seen.encoded.copies.tolist(), strict=True):
        if number >= 0:
            spelt.setdefault(number, token.text)
    roles = _roles(seen.tokens, seen.encoded, len(spelt))
    for group in np.unique(places.groups).tolist():
        rows = np.flatnonzero(places.groups == group)
        tables: list[Floats] = []
        words: list[list[str] | Ints] = []
        copies = _names(seen, rows, group, roles)
        if copies.shape[1]:
            tables.append(copies)
            words.append(list(spelt.values()))
        if group in groups and len(groups[group]):
            tables.append(_classes(seen, rows, group, groups[group]))
            words.append(groups[group])
        if not tables:
            continue
        table = np.maximum(np.concatenate(tables, 1), LEAST)
        chosen = table.argmax(1)
        numbers = np.arange(len(rows))
        best[rows] = table[numbers, chosen]
        for row, choice, value in zip(rows.tolist(), chosen.tolist(), best[rows].tolist(), strict=True):
            if value > LEAST:
                found[row] = _word(words, choice, vocabulary)
        if table.shape[1] > 1:
            table[numbers, chosen] = LEAST
            second[rows] = table.max(1)
    return best, second, found


def _names(seen: Seen, rows: Ints, group: int, roles: npt.NDArray[np.bool_]) -> Floats:
    """(rows, N): how likely the function's other names are at these places; (rows, 0) where none may be."""
    if group not in (VARIABLE, ATTRIBUTE, METHOD, CALLED, TEXT) or not roles.shape[1]:
        return np.empty((len(rows), 0), np.float32)
    role = roles[2 if group == TEXT else 1 if group in (ATTRIBUTE, METHOD) else 0]
    copies = np.where(role[None], seen.reading.copies[rows], np.float32(LEAST))
    own = np.maximum(seen.encoded.copies[seen.places.tokens[rows]], 0)
    copies[np.arange(len(rows)), own] = LEAST
    return copies


def _classes(seen: Seen, rows: Ints, group: int, classes: Ints) -> Floats:
    """(rows, classes): how likely those of the group's classes are that do not stand there."""
    likely = seen.reading.classes[np.ix_(rows, classes)]
    if group >= BEFORE:
        return likely
    own = seen.encoded.classes[seen.places.tokens[rows]]
    return np.where(classes[None] == own[:, None], np.float32(LEAST), likely)


def _word(words: Sequence[list[str] | Ints], choice: int, vocabulary: Vocabulary) -> str:
    """The word in this column of several tables that stand side by side."""
    for each in words:
        if choice < len(each):
            return each[choice] if isinstance(each, list) else vocabulary.text_of(int(each[choice]))
        choice -= len(each)
    raise IndexError(choice)


def _roles(tokens: Sequence[Token], encoded: Encoded, count: int) -> npt.NDArray[np.bool_]:
    """(3, N): which names stand alone somewhere, which behind a dot, and which are strings."""
    roles = np.zeros((3, count), bool)
    last = ""
    for token, number in zip(tokens, encoded.copies.tolist(), strict=True):
        if number >= 0:
            roles[2 if token.kind == STRING else 1 if last in MEMBER else 0, number] = True
        last = token.text
    return roles
