"""Fits what the signs are worth that the last change is still being typed, on changes as they are typed.

    python -m training.next_edit_unfinished MOMENTS.jsonl.gz [--out completion/next_edit/gate.json]

The last change of every moment (training/next_edit_moments.py) is typed again, from its first differing
character to its last, and the next edit is looked for at its end and at places before, chosen by chance. A
proposal is right if it does what one of the hunks does that are still to come. The weights of the ensemble
stay; what is fitted is how much less probable a proposal is than they say.

How often a person rests in the middle of a change is not in histories. While somebody types, the short rests
between the words of a change are taken to be as many as those at its end, and those inside of a word half as
many; of longer rests half as many are between words, and one in twenty inside of a word.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from bench.next_edit_ensemble import moment_of
from bench.retyping import retyped
from completion.history import History
from completion.next_edit.ensemble import considered, proposed
from completion.next_edit.gate import Doubt, logistic, weights
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal, squeezed
from completion.next_edit.unfinished import ending, regressors
from completion.next_edit.vetoes import Parsed
from training.next_edit_gate import FOLDS, MIX, OUT, PRECISIONS, _fold, lowest, newton

INSIDE: Final = 4  # rests inside of a change
SHORT: Final = {"end": 1.0, "between": 1.0, "word": 0.5}  # rests of a kind in a change, all together
LONG: Final = {"end": 1.0, "between": 0.5, "word": 0.05}
LONGEST: Final = 2000  # characters of a change that is typed
RIDGE: Final = 1.0

Floats = npt.NDArray[np.float64]


class Rest(NamedTuple):
    """A moment at which somebody rests while typing the last change."""

    moment: Moment
    kind: str  # "end", "between" or "word"


class Row(NamedTuple):
    """What the ensemble likes best at a rest."""

    repository: str
    cls: str
    kind: str
    share: float  # of the rests of this kind in its change
    chance: float
    values: Mapping[str, float]  # what is weighed; nothing where the change is not seen to be open
    right: bool


def rests(case: Mapping[str, Any], inside: int = INSIDE) -> Iterator[Rest]:
    """The rests of a case's last change: inside of it, in the order of typing, and at its end."""
    whole, again = moment_of(case), retyped(case)
    if not 1 < len(again.typed) <= LONGEST:
        return
    chance = random.Random(case["id"])
    stops = sorted(chance.sample(range(1, len(again.typed)), min(inside, len(again.typed) - 1)))
    for stop in [*stops, len(again.typed)]:
        now = again.after(stop)
        history = History()
        history.record(again.path, again.before, now, 0.0)
        if not history.changes():
            continue
        above, _, rest = now[: again.start + stop].rpartition("\n")
        line = above.count("\n") + 2 if "\n" in now[: again.start + stop] else 1
        files = {**whole.files, again.path: now.removesuffix("\n").split("\n")}
        changes = [*whole.changes[:-1], *history.changes()]
        kind = "end" if stop == len(again.typed) else "word" if _in_word(again.typed, stop) else "between"
        yield Rest(Moment(files, changes, again.path, line, column=len(rest)), kind)


def rows(path: Path, most: int) -> Iterator[Row]:
    """The best proposal of each rest, or that there is none; at most so many moments."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    random.Random(2).shuffle(cases)
    fitted = weights()
    for number, case in enumerate(cases[:most]):
        found = list(rests(case))
        kinds = [rest.kind for rest in found]
        for moment, kind in found:
            parsed = Parsed(moment)
            best = next(iter(considered(moment, list(proposed(moment)), fitted, parsed)), None)
            end = ending(moment, parsed)
            yield Row(
                case["repo"],
                case["cls"],
                kind,
                1 / kinds.count(kind),
                best.chance if best else 0.0,
                regressors(moment, best.chance, best.proposal, end) if best and end else {},
                best is not None and is_to_come(case, moment, best.proposal),
            )
        if number % 100 == 99:
            print(f"{number + 1} moments", file=sys.stderr, flush=True)


def is_to_come(case: Mapping[str, Any], moment: Moment, proposal: Proposal) -> bool:
    """Whether a proposal does what one of the hunks does that are still to come, blanks aside."""
    lines = moment.files[proposal.path]
    deed = _deed(lines[proposal.start - 1 : proposal.end - 1], proposal.new)
    return any(
        target is not None and target["path"] == proposal.path and deed == _deed(target["old"], target["new"])
        for target in (case["target"], *case["later_targets"])
    )


def judged(found: Sequence[Row], rests_of: Mapping[str, float]) -> Doubt:
    """The weights for such rests, and thresholds from predictions for repositories held out; prints both."""
    some = [row for row in found if row.values]
    weigh, whole = _weigh(some, found, rests_of)
    right = np.array([row.right for row in some], float)
    folds = np.array([_fold(row.repository) for row in some])
    chances = np.zeros(len(some))
    for fold in range(FOLDS):
        away = folds != fold
        learned = _fit([row for row, use in zip(some, away, strict=True) if use], right[away], weigh[away])
        for index in np.nonzero(~away)[0]:
            chances[index] = logistic(some[index].values, learned)
    points = {str(wanted): lowest(chances, right, weigh, wanted) for wanted in PRECISIONS}
    print("rest     rests  shown  right  with the signs: shown  right")
    before = np.array([row.chance for row in some])
    for kind in rests_of:
        figures = []
        for said, least in ((before, weights().precisions["0.6"]), (chances, points["0.6"])):
            shown = weigh * (np.array([row.kind == kind for row in some]) & (said >= least))
            figures += [shown.sum() / whole[kind], (shown * right).sum() / max(shown.sum(), 1e-9)]
        count = sum(row.kind == kind for row in some)
        print(f"{kind:8s} {count:5d}  " + "  ".join(f"{figure:.3f}" for figure in figures))
    return Doubt(_fit(some, right, weigh), points)


def _fit(rows: Sequence[Row], right: Floats, weigh: Floats) -> dict[str, float]:
    names = sorted({name for row in rows for name in row.values})
    table = np.array([[row.values.get(name, 0.0) for name in names] for row in rows])
    solved = newton(table, right, weigh, RIDGE)
    return {name: round(weight, 4) for name, weight in zip(names, solved, strict=True)}


def _weigh(
    some: Sequence[Row], found: Sequence[Row], rests_of: Mapping[str, float]
) -> tuple[Floats, dict[str, float]]:
    """What each row weighs, the classes in the evaluation set's mix, and what all rests of a kind do."""
    mass = {cls: sum(row.share * rests_of[row.kind] for row in found if row.cls == cls) for cls in MIX}
    scale = sum(mass.values()) / sum(MIX.values())
    each = {cls: share * scale / mass[cls] for cls, share in MIX.items() if mass[cls]}
    whole = {
        kind: sum(row.share * rests_of[kind] * each[row.cls] for row in found if row.kind == kind)
        for kind in rests_of
    }
    return np.array([row.share * rests_of[row.kind] * each[row.cls] for row in some]), whole


def _deed(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """What goes and what comes, without blanks and without the lines that both begin or end with."""
    gone, come = [squeezed([line]) for line in old], [squeezed([line]) for line in new]
    while gone and come and gone[0] == come[0]:
        del gone[0], come[0]
    while gone and come and gone[-1] == come[-1]:
        del gone[-1], come[-1]
    return "".join(gone), "".join(come)


def _in_word(text: str, at: int) -> bool:
    return bool(re.match(r"\w\w", text[at - 1 : at + 1]))


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--most", type=int, default=2500, help="moments")
    arguments = parser.parse_args(argv)
    found = list(rows(arguments.moments, arguments.most))
    fitted = msgspec.structs.replace(weights(), typing=judged(found, SHORT), resting=judged(found, LONG))
    encoded = msgspec.json.format(msgspec.json.encode(fitted, order="sorted"), indent=1)
    arguments.out.write_bytes(encoded + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
