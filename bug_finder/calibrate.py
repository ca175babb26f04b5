"""Probabilities that mean what they say: fitted on repositories that no weights were fitted on.

calibration.json holds a slope and an offset for the logarithm of the odds of a finding, and for those of
a function as a whole, and how often each check was right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

_MOST = 0.97  # nothing is surer: a few hundred cases cannot show more


class Line(msgspec.Struct, frozen=True):
    """Logarithms of odds become `slope` times themselves plus `offset`, and no probability more than `most`.

    A line goes on beyond what it was fitted to; `most` is how often the surest of those were right.
    """

    slope: float
    offset: float
    most: float = _MOST

    def __call__(self, probability: float) -> float:
        """The calibrated probability."""
        odds = self.slope * logit(probability) + self.offset
        return min(1 / (1 + math.exp(-min(max(odds, -30.0), 30.0))), self.most)


class Calibration(msgspec.Struct, frozen=True):
    """What calibration.json holds; `share` is the share of functions with a bug that it is for."""

    share: float
    finding: Line
    function: Line
    checks: Mapping[str, float]

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read it; raises OSError and msgspec.ValidationError."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def logit(probability: float) -> float:
    """The logarithm of the odds."""
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))
