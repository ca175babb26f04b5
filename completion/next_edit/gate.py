"""How probable it is that the user wants a proposal: two logistic regressions, fitted on histories.

The first ranks proposals by their features. The second takes the best one's score and its lead over the next
that does something else, and gives the probability that it is right. `gate.json` holds the weights;
training/next_edit_gate.py fits them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from completion.next_edit.proposal import Proposal

_WEIGHTS = Path(__file__).with_name("gate.json")


class Doubt(msgspec.Struct, frozen=True):
    """What the signs of an unfinished change are worth, by name, and the thresholds behind it."""

    weights: dict[str, float]
    precisions: dict[str, float]


class Weights(msgspec.Struct, frozen=True):
    """What was fitted: weights of features by name, and of (1, score, lead)."""

    proposals: dict[str, float]
    best: tuple[float, float, float]
    threshold: float  # of the probability from which on the wanted precision was reached
    precisions: dict[str, float] = {}  # a wanted precision and its threshold
    places: dict[str, float] = {}  # weights of features for where the next edit is, whatever it says
    reliability: tuple[tuple[int, float, float], ...] = ()  # (predictions, mean, share right) of each tenth
    words: dict[str, dict[str, float]] = {}  # of the model's word, for each part that it can play
    heard_precisions: dict[str, float] = {}  # as `precisions`, where the model was asked
    typing: Doubt | None = None  # where the last change may still be being typed
    resting: Doubt | None = None  # the same, after a longer rest


class Ranked(NamedTuple):
    """A proposal and its score; higher is likelier."""

    score: float
    proposal: Proposal


@cache
def weights() -> Weights:
    """The weights that come with the program."""
    return msgspec.json.decode(_WEIGHTS.read_bytes(), type=Weights)


def rank(
    proposals: Sequence[Proposal], found: Sequence[Mapping[str, float]], fitted: Mapping[str, float]
) -> list[Ranked]:
    """The proposals by score, best first; of those that do the same only the best."""
    best: dict[object, Ranked] = {}
    for proposal, values in zip(proposals, found, strict=True):
        score = sum(fitted.get(name, 0.0) * value for name, value in values.items())
        if proposal.key not in best or best[proposal.key].score < score:
            best[proposal.key] = Ranked(score, proposal)
    return sorted(best.values(), key=lambda ranked: -ranked.score)


def probability(ranked: Sequence[Ranked], fitted: Weights) -> float:
    """How probable it is that the first of `ranked` is right."""
    if not ranked:
        return 0.0
    lead = ranked[0].score - ranked[1].score if len(ranked) > 1 else LEAD
    constant, score, advantage = fitted.best
    return 1 / (1 + math.exp(-(constant + score * ranked[0].score + advantage * min(lead, LEAD))))


def logistic(values: Mapping[str, float], fitted: Mapping[str, float]) -> float:
    """The probability that values speak for."""
    return 1 / (1 + math.exp(-sum(fitted.get(name, 0.0) * value for name, value in values.items())))


LEAD = 4.0  # a longer lead counts as this one


def threshold(wanted: float, table: Mapping[str, float]) -> float:
    """The probability from which on proposals are right as often as `wanted`, as measured when fitting.

    `table` is one of the weights' tables of precisions.
    """
    points = sorted((float(precision), value) for precision, value in table.items())
    if not points:
        return wanted
    for (low, low_value), (high, high_value) in pairwise(points):
        if low <= wanted <= high:
            share = (wanted - low) / (high - low) if high > low else 0.0
            return low_value + share * (high_value - low_value)
    return points[0][1] * wanted / points[0][0] if wanted < points[0][0] else max(points[-1][1], wanted)
