"""From the aggregates of a function's places to the odds that anything is wrong in it: boosted trees.

training/bug_trees.py fits them and writes them as arrays, so that numpy alone evaluates them. They see what
the sum of all scores cannot: whether one place stands out, of which kind it is, and what is known of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bug_finder.aggregates import ODDS

Floats = npt.NDArray[np.float32]


class Trees:
    """K nodes of T trees, and what is added to them; see `training.bug_trees.arrays_of`.

    `column`, `limit`, `left` and `right` of each node, (K,): a row goes left where its column is no larger
    than the limit. A leaf leads to itself and has its `value`. `roots`, (T,). `odds` is the weight of the
    scorer's own odds beside the trees, `start` a constant, `depth` the most steps from a root to a leaf.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._column = np.asarray(arrays["column"], np.intp)
        self._limit = np.asarray(arrays["limit"], np.float32)
        self._children = np.stack([arrays["right"], arrays["left"]], 1).astype(np.intp).ravel()
        self._value = np.asarray(arrays["value"], np.float64)
        self._roots = np.asarray(arrays["roots"], np.intp)
        self._pairs = 2 * np.arange(len(self._column))
        self._weight, self._start = float(arrays["odds"]), float(arrays["start"])
        self._depth = int(arrays["depth"])

    @classmethod
    def load(cls, path: Path) -> Trees:
        """Read what was fitted; raises OSError where it is not there."""
        with np.load(path) as file:
            return cls(dict(file))

    def raw(self, row: Floats) -> float:
        """What the trees alone say of a row of `aggregates`: the logarithm of odds."""
        # Every node is decided at once, as that is cheaper than to ask for those on the way.
        following = self._children[self._pairs + (row[self._column] <= self._limit)]
        at = self._roots
        for _ in range(self._depth):
            at = following[at]
        return self._start + float(self._value[at].sum())

    def odds(self, row: Floats) -> float:
        """The same with the scorer's own odds beside them."""
        return self.raw(row) + self._weight * float(row[ODDS])

    def probability(self, row: Floats) -> float:
        """That something is wrong, not calibrated yet."""
        return 1 / (1 + math.exp(-min(max(self.odds(row), -30.0), 30.0)))
