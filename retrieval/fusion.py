"""One score for a candidate out of what every channel says of it: a weighted sum of a few features.

The weights were fitted by training/search_fusion.py on repositories that nothing else was trained on. Each
feature is between 0 and 1 or nearly so, and none depends on the size or the language of the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from retrieval.tokens import terms

Floats = npt.NDArray[np.float64]

FEATURES = {
    "words": "BM25, as a share of the best candidate's",
    "words_share": "BM25, as a share of what would be possible",
    "meaning": "cosine of the question and the chunk",
    "name_meaning": "cosine of the question and the bare name",
    "name_words": "how much of the question, by rarity, its qualified name says",
    "name_covered": "how much of its bare name the question says",
    "path_words": "how much of the question, by rarity, its path says",
    "symbol": "how well its name is what was typed",
    "definition": "it is a definition, not code between them",
    "test": "it is in a test and the question is not about tests",
    "length": "logarithm of its length in characters, 1 at 2000",
}


class Weights(msgspec.Struct, frozen=True):
    """What a feature counts."""

    words: float = 1.0
    words_share: float = 0.0
    meaning: float = 1.0
    name_meaning: float = 0.0
    name_words: float = 0.0
    name_covered: float = 0.0
    path_words: float = 0.4
    symbol: float = 2.0
    definition: float = 0.1
    test: float = -0.15
    length: float = 0.0

    def array(self) -> Floats:
        """In the order of FEATURES."""
        return np.array([getattr(self, feature) for feature in FEATURES])


class Question(msgspec.Struct, frozen=True):
    """What was asked, as far as the words go: each term and how rare it is."""

    terms: Mapping[str, float]

    @property
    def about_tests(self) -> bool:
        """Whether tests are what is looked for."""
        return "test" in self.terms


class Candidate(msgspec.Struct, frozen=True):
    """What there is to say about a chunk without reading it."""

    name: str
    context: str
    path: str
    kind: str
    length: int


def features(
    question: Question,
    candidates: Sequence[Candidate],
    words: Floats,
    meaning: Floats,
    name_meaning: Floats,
    symbol: Floats,
) -> Floats:
    """(candidates, FEATURES) from the channels' scores of each; `words` is 0 where BM25 found nothing."""
    possible = sum(question.terms.values()) or 1.0
    table = np.empty((len(candidates), len(FEATURES)))
    table[:, 0] = words / max(words.max(initial=0.0), 1e-9)
    table[:, 1] = words / (2.2 * possible)
    table[:, 2], table[:, 3], table[:, 7] = meaning, name_meaning, symbol
    for row, candidate in enumerate(candidates):
        name = set(terms(candidate.name))
        table[row, 4] = _said(question, name.union(terms(candidate.context))) / possible
        table[row, 5] = len(name & question.terms.keys()) / len(name) if name else 0.0
        table[row, 6] = _said(question, set(terms(candidate.path))) / possible
        table[row, 8] = candidate.kind not in ("block", "text")
        table[row, 9] = "test" in candidate.path.lower() and not question.about_tests
        table[row, 10] = np.log1p(candidate.length) / np.log(2001)
    return table


def _said(question: Question, words: set[str]) -> float:
    return sum(question.terms[word] for word in words & question.terms.keys())
