"""Fits what the model's word on next edits is worth, after training/next_edit_gate.py has fitted the rest.

    python -m training.next_edit_word MOMENTS.jsonl.gz --model NAME --heard FILE [--count N] [--gate FILE]

At moments of repositories that the model was not trained on it is asked as the program asks, and what it said
goes to FILE; a second run reads it from there and asks about further moments only. A logistic regression for
each part that an answer can play learns how probable it is that the edit is right. What is printed, and the
thresholds, come from predictions for repositories that the regressions were not fitted on. With `--gate` the
weights are written; in completion/next_edit/gate.json they make the program ask.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from rich.progress import track

from bench.next_edit_ensemble import is_right, moment_of
from completion.next_edit.asking import PARTS, Word, asked
from completion.next_edit.ensemble import WORTH_READING, Choice, after_words, considered, proposed
from completion.next_edit.gate import Weights, weights
from completion.next_edit.proposal import Proposal
from completion.next_edit.vetoes import Parsed, reason_against
from completion.next_edit.writing import Writer
from engine.load import load_model
from training.next_edit_gate import MIX, PRECISIONS, lowest, newton

RIDGE: Final = 1.0
FOLDS: Final = 4


class Edit(msgspec.Struct, frozen=True):
    """A proposal without what led to it, and whether it is right or must not be shown."""

    path: str
    start: int
    old_count: int
    new: tuple[str, ...]
    right: bool
    vetoed: bool

    @property
    def proposal(self) -> Proposal:
        """It as the program has it."""
        return Proposal(self.path, self.start, self.old_count, self.new, "")


class Heard(msgspec.Struct, frozen=True):
    """One moment: the choices with their probabilities, and what the model said with the values of it."""

    id: str
    repository: str
    cls: str
    choices: list[tuple[float, Edit]]
    words: list[tuple[str, dict[str, float], Edit]]


def hear(case: Mapping[str, Any], writer: Writer) -> Heard:
    """Ask about one moment."""
    moment = moment_of(case)
    parsed = Parsed(moment)
    choices = considered(moment, proposed(moment), weights(), parsed)
    words = asked(moment, choices, writer, least=WORTH_READING)

    def edit(one: Proposal) -> Edit:
        vetoed = reason_against(moment, one, parsed) is not None
        return Edit(one.path, one.start, one.old_count, one.new, is_right(case, one), vetoed)

    return Heard(
        case["id"],
        case["repo"],
        case["cls"],
        [(chance, edit(proposal)) for chance, proposal in choices],
        [(word.part, dict(word.values), edit(word.proposal)) for word in words],
    )


def fit(heard: Sequence[Heard], importance: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Weights of the values for each part."""
    found = {}
    for part in PARTS:
        rows = [(one, values, edit) for one in heard for of, values, edit in one.words if of == part]
        names = sorted({name for _, values, _ in rows for name in values})
        matrix = np.array([[values.get(name, 0.0) for name in names] for _, values, _ in rows])
        right = np.array([edit.right for *_, edit in rows], float)
        weigh = np.array([importance[one.cls] for one, *_ in rows])
        solved = newton(matrix, right, weigh, RIDGE)
        found[part] = {name: round(weight, 4) for name, weight in zip(names, solved, strict=True)}
    return found


def answered(one: Heard, fitted: Weights) -> tuple[float, bool] | None:
    """The probability of what would be shown after the model's word, and whether it is right."""
    choices = [Choice(chance, edit.proposal) for chance, edit in one.choices]
    words = [Word(edit.proposal, part, values) for part, values, edit in one.words]
    edits = {each.proposal.key: each for _, each in one.choices}
    edits |= {each.proposal.key: each for *_, each in one.words}
    after = after_words(choices, words, fitted) if fitted.words else choices
    shown = [choice for choice in after if not edits[choice.proposal.key].vetoed]
    return (shown[0].chance, edits[shown[0].proposal.key].right) if shown else None


def judged(heard: Sequence[Heard], importance: Mapping[str, float]) -> Weights:
    """The weights of all, with thresholds from predictions for repositories held out; prints both."""
    names = sorted({one.repository for one in heard})
    folds = {name: number % FOLDS for number, name in enumerate(names)}
    before = [answered(one, weights()) for one in heard]
    after: list[tuple[float, bool] | None] = [None] * len(heard)
    for fold in range(FOLDS):
        others = [one for one in heard if folds[one.repository] != fold]
        partial = msgspec.structs.replace(weights(), words=fit(others, importance))
        for index, one in enumerate(heard):
            if folds[one.repository] == fold:
                after[index] = answered(one, partial)
    points = {}
    for name, answers in (("without", before), ("with", after)):
        points = _report(name, heard, answers, importance)
    return msgspec.structs.replace(weights(), words=fit(heard, importance), heard_precisions=points)


def _report(
    name: str,
    heard: Sequence[Heard],
    answers: Sequence[tuple[float, bool] | None],
    importance: Mapping[str, float],
) -> dict[str, float]:
    """Print what is right of all, and what is shown at each wanted precision; return the thresholds."""
    spoke = [(one, *answer) for one, answer in zip(heard, answers, strict=True) if answer]
    chances = np.array([chance for _, chance, _ in spoke])
    right = np.array([is_one for *_, is_one in spoke], float)
    weigh = np.array([importance[one.cls] for one, *_ in spoke])
    open_ = np.array([one.cls != "done" for one, *_ in spoke], float)
    total = sum(importance[one.cls] for one in heard if one.cls != "done")
    finished = sum(importance[one.cls] for one in heard if one.cls == "done")
    print(f"{name} the model's word: always {(right * weigh).sum() / total:.3f} right")
    points = {str(wanted): lowest(chances, right, weigh, wanted) for wanted in PRECISIONS}
    for wanted, least in points.items():
        shown = chances >= least
        print(
            f"  wanted {wanted}: from {least:.3f} on shown {(weigh * shown).sum() / weigh.sum():.3f}, "
            f"right {(right * weigh * shown).sum() / total:.3f}, precision "
            f"{(right * weigh * shown).sum() / max((weigh * shown).sum(), 1e-9):.3f}, "
            f"of finished {(weigh * shown * (1 - open_)).sum() / max(finished, 1e-9):.3f}"
        )
    return points


def moments(path: Path, done: set[str], count: int) -> Iterator[dict[str, Any]]:
    """Moments that were not asked about, in an order drawn by chance, until there are `count` in all."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    random.Random(0).shuffle(cases)
    yield from (case for case in cases[:count] if case["id"] not in done)


def main() -> int:
    """Ask, fit and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--heard", type=Path, required=True, help="the model's words")
    parser.add_argument("--count", type=int, default=600, help="moments to ask about")
    parser.add_argument("--gate", type=Path, help="where the weights go; without it they are not kept")
    arguments = parser.parse_args()
    known = arguments.heard.read_bytes().splitlines() if arguments.heard.exists() else []
    heard = [msgspec.json.decode(line, type=Heard) for line in known]
    ahead = list(moments(arguments.moments, {one.id for one in heard}, arguments.count))
    if ahead:
        writer = Writer(load_model(arguments.model))
        with arguments.heard.open("ab") as out:
            for case in track(ahead, "moments"):
                heard.append(hear(case, writer))
                out.write(msgspec.json.encode(heard[-1]) + b"\n")
                out.flush()
    counts = Counter(one.cls for one in heard)
    importance = {cls: MIX[cls] / sum(MIX.values()) * len(heard) / counts[cls] for cls in counts}
    fitted = judged(heard, importance)
    if arguments.gate:
        encoded = msgspec.json.format(msgspec.json.encode(fitted, order="sorted"), indent=1)
        arguments.gate.write_bytes(encoded + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
