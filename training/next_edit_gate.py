"""Fits the gate of next edits on moments of training histories, and says how well it is calibrated.

    python -m training.next_edit_gate MOMENTS.jsonl.gz [--out completion/next_edit/gate.json]

Every proposal of every moment (training/next_edit_moments.py) is a row: its features, and whether it is the
next hunk. The classes of edits weigh as much as in the evaluation set, whose mix its README states, because
the share of edits that can be foreseen decides what a score is worth. The second regression, the thresholds
and the figures come from predictions for repositories that the first was not fitted on (four folds). What
training/next_edit_unfinished.py fits weighs these probabilities, so it has to run afterwards: the gate that
is written here knows nothing of changes that are being typed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from bench.next_edit_ensemble import is_near, is_right, moment_of
from completion.next_edit.ensemble import proposed
from completion.next_edit.features import features
from completion.next_edit.gate import LEAD, Weights, probability, rank
from completion.next_edit.places import mentions
from completion.next_edit.proposal import Proposal

OUT: Final = Path(__file__).parents[1] / "completion" / "next_edit" / "gate.json"
# Cases of the public evaluation set, by class.
MIX: Final = {
    **{"repeated": 73, "other": 67, "rename": 45, "propagate-arg": 43, "import": 41},
    **{"done": 39, "use-new-name": 33, "drop-old-name": 18},
}
FOLDS: Final = 4
RARE: Final = 20  # rows: a feature of fewer is left out
RIDGE: Final = 1.0
STEPS: Final = 400
RATE: Final = 0.05
PRECISIONS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

Floats = npt.NDArray[np.float64]


class Example(NamedTuple):
    """One moment: its proposals with their features, and which of them are right."""

    repository: str
    cls: str
    proposals: list[Proposal]
    found: list[dict[str, float]]
    right: list[bool]
    places: list[dict[str, float]]  # features of all places, those of the proposals first
    near: list[bool]  # which of them are where the next hunk is


def examples(path: Path, most: int) -> Iterator[Example]:
    """The moments of a file, at most so many of a class, searched by the ensemble as it is."""
    taken: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
        random.Random(1).shuffle(cases)
        for case in cases:
            taken[case["cls"]] += 1
            if taken[case["cls"]] > most:
                continue
            moment = moment_of(case)
            proposals = proposed(moment)
            right = [is_right(case, proposal) for proposal in proposals]
            found = features(moment, proposals)
            spots = [*proposals, *mentions(moment)]
            near = [is_near(case, spot) for spot in spots]
            yield Example(case["repo"], case["cls"], proposals, found, right, features(moment, spots), near)


def fit(found: Sequence[Example]) -> Weights:
    """The weights, and what they are worth on repositories held out."""
    importance = _importance(found)
    whole = _fit_proposals(found, importance)
    held: list[tuple[Example, list[Any]]] = []
    for fold in range(FOLDS):
        train = [one for one in found if _fold(one.repository) != fold]
        partial = _fit_proposals(train, importance, whole)
        held += [
            (one, rank(one.proposals, one.found, partial)) for one in found if _fold(one.repository) == fold
        ]
    spoke = [(one, ranked) for one, ranked in held if ranked]
    rows = [_best_row(ranked) for _, ranked in spoke]
    right = [_is_best_right(one, ranked) for one, ranked in spoke]
    weigh = [importance[one.cls] for one, _ in spoke]
    constant, score, lead = newton(np.array(rows), np.array(right, float), np.array(weigh), 0.1)
    fitted = Weights(
        whole,
        (constant, score, lead),
        0.5,
        places=_fit_proposals([one._replace(found=one.places, right=one.near) for one in found], importance),
    )
    chances = np.array([probability(ranked, fitted) for _, ranked in spoke])
    points = {
        str(wanted): lowest(chances, np.array(right, float), np.array(weigh), wanted) for wanted in PRECISIONS
    }
    _report(found, chances, np.array(right, float), np.array(weigh), points)
    _report_classes(
        [one.cls for one, _ in spoke], chances, right, points["0.6"], Counter(one.cls for one in found)
    )
    return msgspec.structs.replace(
        fitted,
        threshold=points["0.6"],
        precisions=points,
        reliability=tuple(_reliability(chances, np.array(right, float), np.array(weigh))),
    )


def _importance(found: Sequence[Example]) -> dict[str, float]:
    counts = Counter(one.cls for one in found)
    return {
        cls: share / sum(MIX.values()) * len(found) / counts[cls] for cls, share in MIX.items() if counts[cls]
    }


def _fit_proposals(
    found: Sequence[Example], importance: Mapping[str, float], start: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Weights of the features, from `start` on."""
    counts = Counter(name for one in found for values in one.found for name in values)
    names = sorted(name for name, count in counts.items() if count >= RARE)
    column = {name: index for index, name in enumerate(names)}
    some = [one for one in found if one.found]
    rows = np.zeros((sum(len(one.found) for one in some), len(names)), np.float32)
    for row, values in zip(rows, (values for one in some for values in one.found), strict=True):
        for name, value in values.items():
            if name in column:
                row[column[name]] = value
    starts = np.cumsum([0, *(len(one.found) for one in some)])[:-1]
    right = np.array([is_right for one in some for is_right in one.right])
    weigh = np.array([importance[one.cls] for one in some])
    solved = listwise(rows, starts, right, weigh, RIDGE, [(start or {}).get(name, 0.0) for name in names])
    return {name: round(float(weight), 4) for name, weight in zip(names, solved, strict=True)}


def listwise(
    rows: npt.NDArray[np.float32],
    starts: npt.NDArray[np.intp],
    right: npt.NDArray[np.bool_],
    weigh: Floats,
    ridge: float,
    first: Sequence[float],
) -> Floats:
    """Weights that make what is right the likeliest of its moment, by descent with momentum (Adam).

    The proposals of a moment, `rows` from `starts[i]` on, stand against each other and against silence, whose
    score is 0 and which is right where nothing else is: a conditional logit (McFadden 1974).
    """
    sizes = np.diff([*starts, len(rows)])
    moment = np.repeat(np.arange(len(starts)), sizes)
    answered = np.maximum.reduceat(right, starts)
    weights = np.array(first, np.float32)
    speed, force = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        scores = rows @ weights
        top = np.maximum(np.maximum.reduceat(scores, starts), 0)
        odds = np.exp(scores - top[moment])
        silence = np.exp(-top)
        chances = odds / (np.add.reduceat(odds, starts) + silence)[moment]
        mine = np.where(right, odds, 0)
        wanted = mine / np.maximum(np.add.reduceat(mine, starts), 1e-30)[moment]
        pull = np.where(answered[moment], chances - wanted, chances) * weigh[moment]
        slope = (rows.T @ pull.astype(np.float32) + ridge * weights) / weigh.sum()
        speed = 0.9 * speed + 0.1 * slope
        force = 0.99 * force + 0.01 * slope**2
        rate = RATE * min(1.0, 2 * (1 - step / STEPS) + 0.01)
        weights -= rate * (speed / (1 - 0.9**step)) / (np.sqrt(force / (1 - 0.99**step)) + 1e-8)
    return np.asarray(weights, np.float64)


def newton(rows: Floats, right: Floats, weigh: Floats, ridge: float) -> list[float]:
    """Weights of a logistic regression with an L2 penalty, by Newton's method."""
    weights = np.zeros(rows.shape[1])
    for _ in range(40):
        chances = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = ridge * weights + rows.T @ (weigh * (chances - right))
        curve = ridge * np.eye(len(weights)) + (rows * (weigh * chances * (1 - chances))[:, None]).T @ rows
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-5:
            break
    return [float(weight) for weight in weights]


def _best_row(ranked: Sequence[Any]) -> list[float]:
    lead = ranked[0].score - ranked[1].score if len(ranked) > 1 else LEAD
    return [1.0, ranked[0].score, min(lead, LEAD)]


def _is_best_right(one: Example, ranked: Sequence[Any]) -> bool:
    return any(
        right and proposal.key == ranked[0].proposal.key
        for proposal, right in zip(one.proposals, one.right, strict=True)
    )


def lowest(chances: Floats, right: Floats, weigh: Floats, wanted: float) -> float:
    """The lowest probability from which on at least `wanted` of the predictions are right.

    One standard error is kept in hand, so that it holds of other predictions too.
    """
    order = np.argsort(-chances)
    count, squares = np.cumsum(weigh[order]), np.cumsum(weigh[order] ** 2)
    precision = np.cumsum((right * weigh)[order]) / count
    error = np.sqrt(wanted * (1 - wanted) * squares) / count
    enough = np.nonzero(precision >= wanted + error)[0]
    return round(float(chances[order][enough[-1]]), 4) if len(enough) else 1.0


def _fold(repository: str) -> int:
    return blake2b(repository.encode(), digest_size=1).digest()[0] % FOLDS


def _reliability(chances: Floats, right: Floats, weigh: Floats) -> Iterator[tuple[int, float, float]]:
    """How many predictions fall into each tenth, their mean probability, and what share of them is right."""
    tenths = np.minimum((chances * 10).astype(int), 9)
    for number in range(10):
        inside = tenths == number
        if not inside.any():
            yield 0, number / 10 + 0.05, 0.0
            continue
        mean = float(np.average(chances[inside], weights=weigh[inside]))
        share = float(np.average(right[inside], weights=weigh[inside]))
        yield int(inside.sum()), round(mean, 4), round(share, 4)


def _report(
    found: Sequence[Example], chances: Floats, right: Floats, weigh: Floats, points: Mapping[str, float]
) -> None:
    error = 0.0
    print("probability  predictions  mean  right")
    for number, (count, mean, share) in enumerate(_reliability(chances, right, weigh)):
        inside = np.minimum((chances * 10).astype(int), 9) == number
        error += float(weigh[inside].sum() / weigh.sum()) * abs(mean - share)
        print(f"{number / 10:.1f}-{number / 10 + 0.1:.1f}  {count:6d}  {mean:.3f}  {share:.3f}")
    print(f"expected calibration error {error:.3f}; {len(found)} moments, {len(chances)} with a proposal")
    print("thresholds", dict(points))


def _report_classes(
    classes: Sequence[str], chances: Floats, right: Sequence[bool], least: float, all_of: Mapping[str, int]
) -> None:
    """What is right of each class and of the mix, if it always speaks, and from the threshold on."""
    total = sum(count for cls, count in MIX.items() if cls != "done")
    sums = np.zeros(3)
    print("class           always  shown  of these right")
    for cls, count in all_of.items():
        own = [
            (chance, is_one)
            for each, chance, is_one in zip(classes, chances, right, strict=True)
            if each == cls
        ]
        shown = [is_one for chance, is_one in own if chance >= least]
        always = sum(is_one for _, is_one in own) / count
        print(f"{cls:15s} {always:.3f}  {len(shown) / count:.3f}  {sum(shown) / max(len(shown), 1):.3f}")
        if cls != "done":
            sums += np.array([always, len(shown) / count, sum(shown) / count]) * MIX[cls] / total
    print(f"mix: always {sums[0]:.3f}; shown {sums[1]:.3f}, right {sums[2]:.3f}")


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--most", type=int, default=900, help="moments of one class")
    arguments = parser.parse_args(argv)
    fitted = fit(list(examples(arguments.moments, arguments.most)))
    encoded = msgspec.json.format(msgspec.json.encode(fitted, order="sorted"), indent=1)
    arguments.out.write_bytes(encoded + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
