"""From functions to what the network and the tokens say about their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bug_finder.alternatives import Seen
from bug_finder.features import Described, describe
from bug_finder.network import Network
from bug_finder.sites import Ints, Sites, class_groups, sites
from bug_finder.tokens import LINE, Token, lex
from bug_finder.vocabulary import Vocabulary, language_number

MOST_TOKENS = 2500  # of a function; what comes behind them is not read
FEWEST_TOKENS = 8
BATCH = 16  # functions that are read together


class Read(NamedTuple):
    """A function, its places, and what is known of them."""

    tokens: list[Token]
    places: Sites
    described: Described

    @property
    def lines(self) -> Ints:
        """The line of each place, counted in LINE tokens."""
        ends = np.cumsum([0] + [token.kind == LINE for token in self.tokens])
        return np.asarray(ends[self.places.tokens])


class Reader:
    """Vocabulary and network; keeps no state between calls."""

    def __init__(self, vocabulary: Vocabulary, network: Network) -> None:
        self.vocabulary = vocabulary
        self._network = network
        self._groups = class_groups(vocabulary)

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Reader:
        """Read what training/bug_export.py wrote; raises OSError where it is not there."""
        with np.load(folder / "network.npz") as file:
            network = Network(dict(file), threads)
        return cls(Vocabulary.load(folder / "vocabulary.txt"), network)

    def read(self, functions: Sequence[tuple[str, str]]) -> Iterator[Read | None]:
        """Each (text, language) in order, like lengths together; None for one with too little in it."""
        tokens = [lex(text, language)[:MOST_TOKENS] for text, language in functions]
        done: dict[int, Read] = {}
        ordered = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        ordered = [at for at in ordered if len(tokens[at]) >= FEWEST_TOKENS]
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            encoded = [self.vocabulary.encode(tokens[at]) for at in batch]
            places = [sites(tokens[at]) for at in batch]
            languages = [functions[at][1] for at in batch]
            readings = self._network.read(encoded, [language_number(each) for each in languages], places)
            for at, code, place, reading, language in zip(
                batch, encoded, places, readings, languages, strict=True
            ):
                if len(place.tokens):
                    seen = Seen(tokens[at], code, place, reading)
                    described = describe(seen, self._groups, self.vocabulary, language)
                    done[at] = Read(tokens[at], place, described)
        return (done.get(at) for at in range(len(functions)))
