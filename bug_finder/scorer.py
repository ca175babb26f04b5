"""From features to probabilities: which place of a function is wrong, or none.

Every place gets a score and the function as a whole one for being right; the probabilities are their
softmax. The scores are those of several small nets, averaged; training/bug_scorer.py fits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Scorer:
    """The nets' weights: `mean`, `scale` of the columns, and for each of E nets two layers; see `scores`."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = {name: np.asarray(value, np.float32) for name, value in arrays.items()}

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """Read what was fitted; raises OSError where it is not there."""
        with np.load(path) as file:
            return cls(dict(file))

    def scores(self, rows: Floats, function: Floats) -> tuple[Floats, float]:
        """The score of each place, (S,), and that of none being wrong."""
        arrays = self._arrays
        scaled = np.clip((rows - arrays["row_mean"]) / arrays["row_scale"], -5, 5)
        whole = np.clip((function - arrays["function_mean"]) / arrays["function_scale"], -5, 5)
        # (E, S, hidden), then (E, S)
        hidden = np.maximum(scaled @ arrays["row_in"] + arrays["row_in_bias"][:, None], 0)
        places = np.einsum("esh,eh->es", hidden, arrays["row_out"])
        hidden_whole = np.maximum(whole @ arrays["function_in"] + arrays["function_in_bias"], 0)
        none = (hidden_whole * arrays["function_out"]).sum(1) + arrays["function_out_bias"]
        return np.asarray(places.mean(0), np.float32), float(none.mean())


def probabilities(scores: Floats, none: float) -> tuple[Floats, float]:
    """That each place is the one that is wrong, (S,), and that none is."""
    largest = max(float(scores.max(initial=none)), none)
    weights, rest = np.exp(scores - largest), float(np.exp(none - largest))
    total = float(weights.sum()) + rest
    return np.asarray(weights / total, np.float32), rest / total
