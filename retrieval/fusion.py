"""One score for a candidate out of what every channel says of it: a weighted sum of a few features.

How much meaning counts beside words depends on how the question is put: whoever writes a sentence describes
what the code does, whoever strings terms together tends to use the code's own. An article tells them apart.
docs/EVALUATION.md has the table by which the weights were chosen; there are few of them on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt

from retrieval.tokens import parts, stem, terms

Floats = npt.NDArray[np.float64]

FEATURES = {
    "words": "BM25 beside the best candidate's, to the power of WORDS_POWER",
    "meaning": "cosine of the question and the chunk",
    "meaning_of_sentence": "the same again where the question is a sentence, else 0",
    "path_words": "how much of the question, by rarity, the path says",
    "symbol": "how well its name is what was typed",
    "verb": "its name begins with the verb of the sentence, or with another for the same deed",
    "definition": "it is a definition, not code between them",
    "test": "it is in a test and the question is not about tests",
}
WORDS_POWER = 0.85

# Each line has words with which programmers name the same deed.
_DEEDS = """
get fetch load read retrieve obtain find lookup query return
set assign update store put write save
create make build new construct generate init add
delete remove clear drop discard unset
check is has validate verify test ensure assert
convert to parse from transform format encode decode
send emit post publish dispatch
run execute call invoke start perform
close stop shutdown end terminate
compute calculate eval
append add insert push
display show print render draw
handle process on
yield iter each walk
"""
_ALIKE: dict[str, frozenset[str]] = {}
for _line in _DEEDS.split("\n"):
    for _word in map(stem, _line.split()):
        _ALIKE[_word] = _ALIKE.get(_word, frozenset()) | frozenset(map(stem, _line.split()))

_ARTICLE = re.compile(r"\b(?:the|an?|this|given|its|if|whether)\b", re.IGNORECASE)


class Weights(msgspec.Struct, frozen=True):
    """What a feature counts."""

    words: float = 1.0
    meaning: float = 0.5
    meaning_of_sentence: float = 1.6
    path_words: float = 0.5
    symbol: float = 2.0
    verb: float = 0.12
    definition: float = 0.1
    test: float = -0.15

    def array(self) -> Floats:
        """In the order of FEATURES."""
        return np.array([getattr(self, feature) for feature in FEATURES])


class Question(msgspec.Struct, frozen=True):
    """What was asked, as far as the words go: each term and how rare it is."""

    terms: Mapping[str, float]
    is_sentence: bool

    @property
    def verbs(self) -> frozenset[str]:
        """What a sentence's first word says is done, and other words for that."""
        if not self.is_sentence:
            return frozenset()
        first = next(iter(self.terms), "")
        return _ALIKE.get(first, frozenset([first]))

    @property
    def about_tests(self) -> bool:
        """Whether tests are what is looked for."""
        return "test" in self.terms


class Candidate(msgspec.Struct, frozen=True):
    """What there is to say about a chunk without reading it."""

    path: str
    kind: str
    name: str


def is_sentence(text: str) -> bool:
    """Whether a question is put in prose."""
    return bool(_ARTICLE.search(text))


def features(
    question: Question, candidates: Sequence[Candidate], words: Floats, meaning: Floats, symbol: Floats
) -> Floats:
    """(candidates, FEATURES) from the channels' scores of each; `words` is 0 where BM25 found nothing."""
    possible = sum(question.terms.values()) or 1.0
    verbs = question.verbs
    said = {path: _said(question, path) / possible for path in {each.path for each in candidates}}
    columns = [
        (words / max(words.max(initial=0.0), 1e-9)) ** WORDS_POWER,
        meaning,
        meaning * question.is_sentence,
        np.array([said[each.path] for each in candidates]),
        symbol,
        np.array([_first_word(each.name) in verbs for each in candidates], float),
        np.array([each.kind not in ("block", "text") for each in candidates], float),
        np.array(["test" in each.path.lower() and not question.about_tests for each in candidates], float),
    ]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=1 << 16)
def _first_word(name: str) -> str:
    return next(map(stem, parts(name)), "")


def _said(question: Question, path: str) -> float:
    return sum(question.terms[word] for word in _path_terms(path) & question.terms.keys())


@lru_cache(maxsize=1 << 16)
def _path_terms(path: str) -> frozenset[str]:
    return frozenset(terms(path))
