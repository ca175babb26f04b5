"""Fits what the model's word on a next edit is worth, after training/next_edit_gate.py has fitted the rest.

    python -m training.next_edit_word MOMENTS.jsonl.gz --model NAME [--count N]

For moments of training histories whose best proposal is probable enough for the model to be asked, it is
asked, and three logistic regressions learn the probability that the proposal is right where the model writes
the same, that it is right where the model writes something else, and that this something else is right.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from rich.progress import track

from bench.next_edit_ensemble import is_right, moment_of
from completion.next_edit.ensemble import WORTH_READING, proposed
from completion.next_edit.features import features
from completion.next_edit.gate import Weights, probability, rank, weights, word
from completion.next_edit.writing import Writer
from engine.load import load_model
from training.next_edit_gate import MIX, OUT, newton

RIDGE: Final = 0.3


class Heard(NamedTuple):
    """One moment: the probability before, the model's word, and what was right."""

    cls: str
    chance: float
    agrees: bool
    likelihood: float
    proposal_right: bool
    written_right: bool


def ask(cases: Sequence[dict[str, Any]], writer: Writer, wanted: int) -> Iterator[Heard]:
    """The model's word on the best proposals of the first moments that are worth asking about."""
    found = 0
    for case in track(cases, "moments"):
        if found == wanted:
            return
        moment = moment_of(case)
        proposals = proposed(moment)
        ranked = rank(proposals, features(moment, proposals), weights().proposals)
        chance = probability(ranked, weights())
        written = writer.write(moment, ranked[0].proposal) if chance >= WORTH_READING else None
        if written:
            found += 1
            right = is_right(case, ranked[0].proposal), is_right(case, written.proposal)
            yield Heard(case["cls"], chance, written.agrees, written.likelihood, *right)


def fit(heard: Sequence[Heard], counts: dict[str, int], total: int) -> Weights:
    """The weights with those for the model's word."""

    def solved(some: Sequence[Heard], right: Sequence[bool]) -> tuple[float, ...]:
        rows = np.array([word(one.chance, one.likelihood) for one in some])
        shares = np.array([MIX[one.cls] / sum(MIX.values()) * total / counts[one.cls] for one in some])
        return tuple(round(value, 4) for value in newton(rows, np.array(right, float), shares, RIDGE))

    agreed = [one for one in heard if one.agrees]
    other = [one for one in heard if not one.agrees]
    print(f"agrees {len(agreed)}, of these right {np.mean([one.proposal_right for one in agreed]):.3f}")
    print(f"otherwise {len(other)}: the proposal right {np.mean([one.proposal_right for one in other]):.3f}, "
          f"the model {np.mean([one.written_right for one in other]):.3f}")  # fmt: skip
    return msgspec.structs.replace(
        weights(),
        agreed=solved(agreed, [one.proposal_right for one in agreed]),
        kept=solved(other, [one.proposal_right for one in other]),
        written=solved(other, [one.written_right for one in other]),
    )


def main() -> int:
    """Ask, fit and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=400, help="moments to ask about")
    parser.add_argument("--gate", type=Path, default=OUT)
    parser.add_argument("--heard", type=Path, help="the model's words; if there, it is not asked again")
    arguments = parser.parse_args()
    with gzip.open(arguments.moments, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    counts = {cls: sum(case["cls"] == cls for case in cases) for cls in MIX}
    random.Random(0).shuffle(cases)
    heard = []
    if arguments.heard and arguments.heard.exists():
        heard = [Heard(*json.loads(line)) for line in arguments.heard.read_text("utf-8").splitlines()]
    asked = ask(cases, Writer(load_model(arguments.model)), arguments.count) if not heard else ()
    for one in asked:
        heard.append(one)
        if arguments.heard:
            with arguments.heard.open("a") as out:
                print(json.dumps(one), file=out)
    fitted = fit(heard, counts, len(cases))
    arguments.gate.write_bytes(
        msgspec.json.format(msgspec.json.encode(fitted, order="sorted"), indent=1) + b"\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
