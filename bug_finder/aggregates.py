"""What the scores of a function's places say of the function as a whole, as numbers.

The order of the columns is the format of the trees that were fitted to them; see bug_finder/trees.py.
"""

from __future__ import annotations

import math

import numpy as np

from bug_finder.alternatives import Floats, Ints
from bug_finder.features import GROUP_COLUMNS, MARGIN

COLUMNS = 69
ODDS = 0  # the column that holds the logarithm of the scorer's own odds
_BEST = (0, 1, 2, 4, 9)  # of the places by their scores
_NOTED = 12  # columns of the best place
_NO_SCORE, _NO_MARGIN = -15, -12  # of a group that the function lacks


def aggregates(scores: Floats, none: float, rows: Floats, lines: Ints) -> Floats:
    """(COLUMNS,) of S places: their scores, (S,), that of none, what is known of them, and their lines."""
    scores = np.asarray(scores, np.float64)
    count, best = len(scores), int(scores.argmax())
    ranked = np.sort(scores)[::-1]
    total = _log_sum(scores)
    shares = np.exp(scores - total)
    entropy = -float((shares * np.log(shares + 1e-12)).sum())
    by_line = np.full(int(lines.max()) + 1, -np.inf)
    np.maximum.at(by_line, lines, scores)
    by_line = np.sort(by_line[by_line > -np.inf])[::-1]
    line_shares = np.exp(by_line - _log_sum(by_line))
    margin = rows[:, MARGIN]
    margins = np.sort(margin)[::-1]
    groups = rows[:, GROUP_COLUMNS] > 0
    of_scores = [
        total - none,
        none,
        total,
        total - math.log(count) - none,
        *(ranked[min(at, count - 1)] - none for at in _BEST),
        ranked[0] - ranked[min(1, count - 1)],
        ranked[0] - ranked[min(2, count - 1)],
        entropy,
        math.exp(entropy),
        entropy - math.log(count),
        line_shares[0],
        line_shares[:3].sum(),
        math.log(int(lines.max()) + 1),
        math.log(count),
        scores.std(),
        scores.mean() - none,
    ]
    of_margins = [
        *((margin > limit).mean() for limit in (0, 1, 2)),
        *((margin > limit).sum() for limit in (0, 2)),
        margins[0],
        margins[min(4, count - 1)],
    ]
    of_best = [groups[best].argmax(), *rows[best, :_NOTED], best / count]
    by_group = np.where(groups, scores[:, None] - none, _NO_SCORE).max(0)
    margin_by_group = np.where(groups, margin[:, None], _NO_MARGIN).max(0)
    return np.concatenate([of_scores, of_margins, of_best, by_group, margin_by_group]).astype(np.float32)


def _log_sum(values: Floats) -> float:
    largest = float(values.max())
    return largest + math.log(float(np.exp(values - largest).sum()))
