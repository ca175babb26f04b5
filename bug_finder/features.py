"""What is known of every place of a function, as numbers: how unlikely it is, what would be likelier, and
where it is.

The order of the columns is the format of the weights that were fitted to them: append, and raise VERSION.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bug_finder.alternatives import LEAST, Floats, Ints, Seen, alternatives
from bug_finder.columns import context, line_sums, lines_of, spelling, twins, use
from bug_finder.sites import GROUPS, Sites
from bug_finder.tokens import LINE, Token
from bug_finder.usage import usage
from bug_finder.vocabulary import NOTHING, Vocabulary

VERSION = 1
_FAMILIES = ("python", "javascript typescript tsx", "java go rust", "c cpp")
_TELLING = ("if", "for", "while", "try", "return", "else", "lambda", "async", "yield", "with", "switch")
MARGIN = 2  # the column of how much likelier the best alternative is
# The columns that say which group a place is of; behind them as many with its margin, and the families.
GROUP_COLUMNS = slice(-2 * len(GROUPS) - len(_FAMILIES), -len(GROUPS) - len(_FAMILIES))


class Described(NamedTuple):
    """S places and their function."""

    rows: Floats  # (S, columns)
    function: Floats  # (columns,)
    best: list[str]  # the likeliest other token at each place; "" for none


def describe(seen: Seen, groups: Mapping[int, Ints], vocabulary: Vocabulary, language: str) -> Described:
    """The features of a function's places; a language that is not known counts as none of the families."""
    tokens, encoded, places, reading = seen
    own = np.maximum(reading.own, LEAST)
    best, second, names = alternatives(seen, groups, vocabulary)
    margin = np.clip(best - own, LEAST, -LEAST)
    anything = np.maximum(reading.classes.max(1), reading.copies.max(1, initial=LEAST))
    nothing = np.maximum(reading.classes[:, NOTHING], LEAST)
    lines, columns = lines_of(tokens)
    line = lines[places.tokens]
    spelled = spelling(tokens, places, names)
    surroundings = context(tokens, encoded, places)
    beside = twins(tokens, lines, columns)[places.tokens]
    used = usage(tokens, encoded)
    uses = use(seen, used, names)
    by_line = line_sums(line, -own, int(lines.max(initial=0)) + 1)
    average, spread = float(own.mean()), float(own.std()) + 0.1
    rank = np.argsort(np.argsort(-margin)) / max(len(margin), 1)
    size = len(tokens)
    common = np.stack(
        [
            own,
            best,
            margin,
            own - np.logaddexp(own, best),
            np.maximum(second, LEAST) - best,
            nothing,
            np.clip(anything - own, 0, -LEAST),
            (own - average) / spread,
            rank,
            np.minimum(rank * len(rank), 10) / 10,
            by_line[0][line],
            by_line[1][line],
            places.tokens / size,
            np.full(len(own), math.log(size)),
            np.full(len(own), average),
        ],
        1,
    )
    groups_one = np.eye(len(GROUPS), dtype=np.float32)[places.groups]
    family = np.array([language in each.split() for each in _FAMILIES], np.float32)
    rows = np.concatenate(
        [
            common,
            spelled,
            surroundings,
            beside,
            uses,
            groups_one,
            groups_one * np.clip(margin, -4, 8)[:, None],
            np.repeat(family[None], len(own), 0),
        ],
        1,
    ).astype(np.float32)
    whole = np.concatenate(
        [
            _of_function(own, margin, places, tokens, family),
            np.log1p(
                [
                    (used.unused & ~used.parameters).sum(),
                    (used.unused & used.parameters).sum(),
                    used.loose.sum(),
                ]
            ),
            [uses[:, 4].max(), uses[:, 7].max(), uses[:, 8].max(), rows[:, 16].max()],
        ]
    )
    return Described(rows, whole.astype(np.float32), names)


def _of_function(
    own: Floats, margin: Floats, places: Sites, tokens: Sequence[Token], family: Floats
) -> Floats:
    """What is known of the function as a whole."""
    size = len(tokens)
    tokens_only = ~places.gaps
    counts = np.bincount(places.groups, minlength=len(GROUPS))
    top = np.zeros(5, np.float32)
    ranked = np.sort(margin[tokens_only])[::-1][:5]
    top[: len(ranked)] = ranked
    surprise = -own[tokens_only] if tokens_only.any() else np.zeros(1)
    words = {token.text for token in tokens}
    return np.concatenate(
        [
            [
                math.log(size),
                float(surprise.mean()),
                float(surprise.std()),
                float(surprise.max()),
                math.log1p(float(surprise.sum())),
            ],
            [float((surprise > limit).mean()) for limit in (2, 4, 6, 8)],
            np.log1p(counts),
            counts / size,
            top,
            [word in words for word in _TELLING],
            [tokens[0].text == "@", sum(token.kind == LINE for token in tokens) / size],
            family,
        ]
    ).astype(np.float32)
