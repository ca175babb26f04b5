"""The gate's probabilities, corrected by what one user accepts.

A Platt correction: `sigmoid(slope * logit(p) + shift + shift of the kind)`, fitted by maximum a posteriori.
The priors hold the identity, so that without outcomes nothing is corrected, and a few dozen of them tell.
Older outcomes count less. (J. Platt, "Probabilistic outputs for support vector machines", 1999.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

HALF_LIFE: Final = 100  # outcomes after which one counts half
_SLOPE: Final = 0.25  # standard deviations of the priors
_SHIFT: Final = 0.5
_OF_KIND: Final = 0.5
_SWEEPS: Final = 30
_EDGE: Final = 1e-4


class Outcome(NamedTuple):
    """What became of one suggestion: its kind, how probable it seemed, and whether it was accepted."""

    kind: str
    probability: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """From the gate's probability to this user's. The default changes nothing."""

    slope: float = 1.0
    shift: float = 0.0
    of_kind: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, kind: str, probability: float) -> float:
        """The probability that this user accepts; it grows with `probability`."""
        if self == Correction():
            return probability
        return _sigmoid(self.slope * _logit(probability) + self.shift + self.of_kind.get(kind, 0.0))


def fit(outcomes: Sequence[Outcome]) -> Correction:
    """The correction that `outcomes`, oldest first, make most probable."""
    size = len(outcomes)
    rows = [
        (one.kind, _logit(one.probability), float(one.accepted), 0.5 ** ((size - 1 - at) / HALF_LIFE))
        for at, one in enumerate(outcomes)
    ]
    slope, shift = 1.0, 0.0
    of_kind = dict.fromkeys((kind for kind, *_ in rows), 0.0)
    for _ in range(_SWEEPS):

        def predicted(kind: str, x: float, slope: float = slope, shift: float = shift) -> float:
            return _sigmoid(slope * x + shift + of_kind[kind])

        before = (slope, shift, *of_kind.values())
        for kind in of_kind:
            of_kind[kind] += _step(
                [(1.0, y - predicted(k, x), w) for k, x, y, w in rows if k == kind], of_kind[kind], _OF_KIND
            )
        shift += _step([(1.0, y - predicted(k, x), w) for k, x, y, w in rows], shift, _SHIFT)
        # Never flat: what is more probable must stay so.
        slope += _step([(x, y - predicted(k, x), w) for k, x, y, w in rows], slope - 1, _SLOPE)
        slope = max(slope, 0.1)
        after = (slope, shift, *of_kind.values())
        if max(abs(a - b) for a, b in zip(before, after, strict=True)) < 1e-4:
            break
    return Correction(slope, shift, of_kind) if rows else Correction()


def _step(rows: Sequence[tuple[float, float, float]], away: float, deviation: float) -> float:
    """One cautious Newton step for one parameter that stands `away` from its prior's mean.

    `rows` holds what it is multiplied by, the residual and the weight. The curvature is taken at its bound
    (p (1 - p) <= 1/4), so that no step goes too far.
    """
    slope = sum(weight * x * residual for x, residual, weight in rows) - away / deviation**2
    curvature = sum(weight * x * x / 4 for x, _, weight in rows) + deviation**-2
    return slope / curvature


def _logit(probability: float) -> float:
    held = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(held / (1 - held))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
