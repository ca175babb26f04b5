"""Where the model is asked what it would write, and what its answers are worth.

It is asked at the place of the best proposal, and at the likeliest other places. Each answer has values that
a logistic regression weighs: how sure the model was, how likely the place was, how much what it wrote is like
what was just done. training/next_edit_word.py fits the weights, one set for each part an answer can play.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from completion.next_edit.features import features
from completion.next_edit.gate import Ranked
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal, squeezed
from completion.next_edit.tokens import names_of
from completion.next_edit.writing import Writer, Written
from engine.cancel import NEVER, CancelToken

AGREED: Final = "agreed"  # the model writes what was proposed
KEPT: Final = "kept"  # what was proposed, where the model writes something else
OTHER: Final = "other"  # what the model writes instead
FOUND: Final = "found"  # what the model writes where nothing certain was proposed

PLACES: Final = 2  # that are asked about beside that of the best proposal
_COMPARED: Final = 16  # places among which one's share of the likelihood is reckoned
_KNOWN: Final = ("like_last", "like_most", "same_block", "around", "near", "below", "other_file", "comment")


class Word(NamedTuple):
    """What the model's answer says of a proposal: the part it plays, and what is weighed."""

    proposal: Proposal
    part: str
    values: Mapping[str, float]


def asked(
    moment: Moment,
    best: Sequence[tuple[float, Proposal]],
    places: Sequence[Ranked],
    writer: Writer,
    *,
    least: float,
    cancel: CancelToken = NEVER,
    deadline: float | None = None,
) -> Iterator[Word]:
    """The model's word on the best proposal, if that has a probability of `least`, then on other places.

    `best` are proposals with their probabilities, best first, and `places` come best first. After the
    deadline, in `time.monotonic` seconds, it has no further word.
    """
    chance = best[0][0] if best else 0.0
    told: set[tuple[str, int]] = set()
    if best and chance >= least:
        first = best[0][1]
        told.add((first.path, first.start))
        written = writer.write(moment, first, cancel=cancel, deadline=deadline)
        if written:
            yield from _on_proposal(moment, chance, first, written)
    others = _others(places, told)
    shares = _shares([each.score for each in places[:_COMPARED]])
    for rank, place in islice(others, PLACES):
        written = writer.find(moment, place, cancel=cancel, deadline=deadline)
        if written:
            where = {"place": shares[rank] if rank < len(shares) else shares[-1], "rank": float(rank)}
            opening = _logit(math.exp(written.logprobs[0]))
            values = {**_values(moment, chance, written), **where, "opening": opening}
            yield Word(written.proposal, FOUND, values)


def _on_proposal(moment: Moment, chance: float, proposal: Proposal, written: Written) -> Iterator[Word]:
    values = _values(moment, chance, written)
    if squeezed(written.proposal.new) == squeezed(proposal.new):
        yield Word(proposal, AGREED, values)
    else:
        yield Word(proposal, KEPT, values)
        yield Word(written.proposal, OTHER, values)


def _others(places: Sequence[Ranked], told: set[tuple[str, int]]) -> Iterator[tuple[int, Proposal]]:
    """Places that are not in `told` yet, with their ranks."""
    for rank, (_, place) in enumerate(places):
        if (place.path, place.start) not in told:
            told.add((place.path, place.start))
            yield rank, place


def _values(moment: Moment, chance: float, written: Written) -> dict[str, float]:
    proposal, sure = written.proposal, written.logprobs
    known = features(moment, [proposal])[0]
    lines = moment.files[proposal.path]
    there = {name for line in lines for name in names_of(line)}
    for change in moment.changes:
        there |= {name for line in (*change.old, *change.new) for name in names_of(line)}
    come = {name for line in proposal.new for name in names_of(line)}
    return {
        "bias": 1.0,
        "chance": _logit(chance),
        "mean": max(sum(sure) / len(sure), -3.0),
        "worst": max(min(sure), -6.0),
        "total": max(sum(sure), -20.0),
        "unseen": float(not come <= there),
        "inserts": float(not proposal.old_count),
        "deletes": float(not proposal.new),
        "lines": float(min(len(proposal.new), 6)),
        **{name: known[name] for name in _KNOWN},
    }


def _shares(scores: Sequence[float]) -> list[float]:
    """The logarithm of each one's share of the likelihood (a softmax)."""
    if not scores:
        return []
    top = max(scores)
    whole = top + math.log(sum(math.exp(score - top) for score in scores))
    return [max(score - whole, -8.0) for score in scores]


def _logit(probability: float) -> float:
    clipped = min(max(probability, 0.001), 0.999)
    return math.log(clipped / (1 - clipped))
