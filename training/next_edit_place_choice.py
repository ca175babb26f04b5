"""What the model's score of places is worth: by itself, beside itself without the edits, beside the gate.

    tacit eval next_edit CASES PLACES --places blocks|best [--contrast]
    python -m training.next_edit_place_choice CASES [PLACES] [--folds | --fit OTHER_CASES THEIR_PLACES]

    model       the line with the highest log-odds of a change
    contrast    the line whose log-odds the recent edits raise most
    weighed     both log-odds, weighed by a conditional logit
    product     what the product answers where it always has to, by its probability
    gate        the places that the product ranks, by their score
    beside      the gate's places, by the product's probability and the model's log-odds too
    together    the same and all lines against each other

The last three and `weighed` are fitted: on other cases, or on those of other repositories (four folds; not
for evaluation cases, which nothing is fitted on). Of cases with a target the share with the right place is
told, as the scorer counts it, and what is left of it where the best place has to pass the threshold at which
so many of the finished ones are silent. Contrast and weighed need what `--contrast` adds.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.cases import read_cases
from bench.next_edit_ensemble import is_near, moment_of
from bench.next_edit_places import product_places
from completion.next_edit.ensemble import NextEdit, next_edit
from completion.next_edit.places import MENTION
from completion.next_edit.proposal import Proposal
from training.next_edit_gate import MIX, listwise

SILENCES: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
FOLDS: Final = 4
RIDGE: Final = 1.0
LINE: Final = "line"  # the kind of a place that is a line which the model scored
COLUMNS: Final = (
    "line",
    "odds",
    "plain",
    "gate's",
    "score",
    "place odds",
    "place plain",
    "not scored",
    "mention",
    "product's",
    "chance",
)
ODDS, PLAIN = COLUMNS.index("odds"), COLUMNS.index("plain")

GATE: Final = ("gate's", "score", "mention", "product's", "chance")

Floats = npt.NDArray[np.float64]


class Ranking(NamedTuple):
    """The value of the best place, and whether it and one of the best three is right."""

    value: float
    first: bool
    third: bool


class State(NamedTuple):
    """A case: its places, which of them are where the next edit is, and what is known [places, COLUMNS]."""

    repository: str
    cls: str
    spots: list[Proposal]
    near: npt.NDArray[np.bool_]
    rows: Floats
    product: Ranking


def states(cases: Path, predictions: Path | None) -> Iterator[State]:
    """The cases that have been scored, with the gate's places; all of them where nothing is scored."""
    if predictions is None:
        yield from (state(case, ()) for case in read_cases(cases))
        return
    scored = {each["id"]: each["places"] for each in map(json.loads, predictions.open(encoding="utf-8"))}
    for case in read_cases(cases):
        if case["id"] in scored:
            yield state(case, scored[case["id"]])


def state(case: Mapping[str, Any], scored: Sequence[tuple[str, int, float, float | None]]) -> State:
    """Both kinds of places of a case: the lines that were scored, and what the gate ranks."""
    moment = moment_of(case)
    odds = {(path, line): (with_edits, without or 0.0) for path, line, with_edits, without in scored}
    spots = [Proposal(path, line, 1, ("",), LINE) for path, line, *_ in scored]
    rows = [[1.0, *odds[spot.path, spot.start], *[0.0] * 8] for spot in spots]
    answer = next_edit(moment, 0.0)
    product = Ranking(-np.inf, False, False)
    if isinstance(answer, NextEdit):
        first, *others = (is_near(case, each) for each in (answer.proposal, *answer.alternatives))
        product = Ranking(answer.probability, first, first or any(others))
    for score, spot in product_places(moment):
        inside = [
            odds[spot.path, n]
            for n in range(spot.start, max(spot.end, spot.start + 1))
            if (spot.path, n) in odds
        ]
        own = max(inside, default=(0.0, 0.0))
        spots.append(spot)
        chance = [0.0, 0.0]
        if isinstance(answer, NextEdit) and spot.key == answer.proposal.key:
            clipped = min(max(answer.probability, 0.01), 0.99)
            chance = [1.0, math.log(clipped / (1 - clipped))]
        rows.append(
            [0.0, 0.0, 0.0, 1.0, score, *own, float(not inside), float(spot.kind == MENTION), *chance]
        )
    near = np.array([is_near(case, spot) for spot in spots], bool)
    return State(case["repo"], case["cls"], spots, near, np.array(rows).reshape(-1, len(COLUMNS)), product)


def fitted(found: Sequence[State], names: Sequence[str]) -> Floats:
    """Weights of the columns named: the places of a state against each other and against silence."""
    counts = Counter(one.cls for one in found)
    scale = len(found) / sum(MIX[cls] for cls in counts)
    kept = [(one, told) for one in found if (told := _told(one, names)).any()]
    weigh = [scale * MIX[one.cls] / counts[one.cls] for one, _ in kept]
    starts = np.cumsum([0, *(told.sum() for _, told in kept)])[:-1]
    rows = np.concatenate([one.rows[told][:, _columns(names)] for one, told in kept]).astype(np.float32)
    right = np.concatenate([one.near[told] for one, told in kept])
    return listwise(rows, starts, right, np.array(weigh), RIDGE, [0.0] * len(names))


def _columns(names: Sequence[str]) -> list[int]:
    return [COLUMNS.index(name) for name in names]


def _told(one: State, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which places are of a kind that the columns are about."""
    kinds = [COLUMNS.index(kind) for kind in ("line", "gate's") if kind in names]
    return np.asarray(one.rows[:, kinds].any(axis=1))


def ranking(one: State, scores: Floats, chances: bool) -> Ranking:
    """The places by score, best first; of a logit the value is the chance against all others and silence."""
    order = [int(index) for index in np.argsort(-scores, kind="stable") if np.isfinite(scores[index])]
    if not order:
        return Ranking(-np.inf, False, False)
    best: list[int] = []
    for index in order:
        if len(best) == 3:
            break
        if not any(_touch(one.spots[index], one.spots[other]) for other in best):
            best.append(index)
    top = scores[order[0]]
    value = 1 / (np.exp(scores - top).sum() + np.exp(-top)) if chances else top
    return Ranking(float(value), bool(one.near[best[0]]), bool(one.near[best].any()))


def _touch(one: Proposal, other: Proposal) -> bool:
    return (
        one.path == other.path
        and one.start <= max(other.end, other.start + 1)
        and other.start <= max(one.end, one.start + 1)
    )


def report(name: str, found: Sequence[State], ranked: Sequence[Ranking]) -> None:
    """Print one line: right place, and how much of it is left at each silence on finished cases."""
    aimed = [each for one, each in zip(found, ranked, strict=True) if one.cls != "done"]
    finished = sorted(each.value for one, each in zip(found, ranked, strict=True) if one.cls == "done")
    first, third = (np.mean([each[column] for each in aimed]) for column in (1, 2))
    print(
        f"{name:10s} first {first:.3f}  first three {third:.3f}  right place where finished are silent in",
        end="",
    )
    for share in SILENCES if finished else ():
        least = finished[min(int(np.ceil(share * len(finished))), len(finished)) - 1]
        right = np.mean([each.first and each.value > least for each in aimed])
        print(f"  {share:.2f}: {right:.3f}", end="")
    print()


def learned(found: Sequence[State], teachers: Sequence[State], names: Sequence[str]) -> list[Ranking]:
    """Each state ranked by weights of the teachers; without any, of states of other repositories."""
    if teachers:
        solved = fitted(teachers, names)
        print(" " * 10, {name: round(float(weight), 2) for name, weight in zip(names, solved, strict=True)})
        return [ranking(one, _scores(one, names, solved), True) for one in found]
    repositories = sorted({one.repository for one in found})
    fold = [repositories.index(one.repository) % FOLDS for one in found]
    parts = [
        fitted([one for one, own in zip(found, fold, strict=True) if own != number], names)
        for number in range(FOLDS)
    ]
    return [ranking(one, _scores(one, names, parts[own]), True) for one, own in zip(found, fold, strict=True)]


def _scores(one: State, names: Sequence[str], solved: Floats) -> Floats:
    return np.where(_told(one, names), one.rows[:, _columns(names)] @ solved, -np.inf)


def main(argv: Sequence[str] | None = None) -> int:
    """Report all ways."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("places", type=Path, nargs="?")
    fits = parser.add_mutually_exclusive_group()
    fits.add_argument("--fit", type=Path, nargs=2, metavar=("CASES", "PLACES"))
    fits.add_argument("--folds", action="store_true", help="fit on the other repositories' cases")
    arguments = parser.parse_args(argv)
    found = list(states(arguments.cases, arguments.places))
    teachers = list(states(*arguments.fit)) if arguments.fit else []
    lines = [one.rows[:, 0] > 0 for one in found]
    reach = [bool(one.near[own].any()) for one, own in zip(found, lines, strict=True) if one.cls != "done"]
    print(
        f"{len(reach)} cases with a target, {len(found) - len(reach)} finished; "
        f"{np.median([own.sum() for own in lines]):.0f} lines scored (median), "
        f"the right place among them in {np.mean(reach):.3f}"
    )

    def by(value: Callable[[Floats], Floats]) -> list[Ranking]:
        return [ranking(one, np.where(one.rows[:, 0] > 0, value(one.rows), -np.inf), False) for one in found]

    contrasted = any(one.rows[:, PLAIN].any() for one in found)
    ways: dict[str, tuple[str, ...]] = {"gate": GATE}
    if arguments.places:
        report("model", found, by(lambda rows: rows[:, ODDS]))
        ways |= {"beside": (*GATE, "place odds", "not scored"), "together": COLUMNS}
    if contrasted:
        report("contrast", found, by(lambda rows: rows[:, ODDS] - rows[:, PLAIN]))
        ways = {"weighed": ("line", "odds", "plain"), **ways}
    report("product", found, [one.product for one in found])
    if arguments.folds or teachers:
        for name, columns in ways.items():
            report(name, found, learned(found, teachers, columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
