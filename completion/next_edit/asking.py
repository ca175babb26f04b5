"""What the model's word on the best proposals is worth.

It is asked to write in the place of each of them, best first, until it writes what was proposed. Each answer
has values that a logistic regression weighs; training/next_edit_word.py fits the weights, one set for each
part that an answer can play.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal, squeezed
from completion.next_edit.writing import Writer, Written
from engine.cancel import NEVER, CancelToken

AGREED: Final = "agreed"  # the model writes what was proposed
KEPT: Final = "kept"  # what was proposed, where the model writes something else
OTHER: Final = "other"  # what the model writes instead
PARTS: Final = (AGREED, KEPT, OTHER)

PROPOSALS: Final = 3  # that are asked about at most


class Word(NamedTuple):
    """What the model's answer says of a proposal: the part it plays, and what is weighed."""

    proposal: Proposal
    part: str
    values: Mapping[str, float]


def asked(
    moment: Moment,
    best: Sequence[tuple[float, Proposal]],
    writer: Writer,
    *,
    least: float,
    cancel: CancelToken = NEVER,
    deadline: float | None = None,
) -> Iterator[Word]:
    """The model's word on proposals whose probability is at least `least`, up to the first that it shares.

    `best` are proposals with their probabilities, best first. After the deadline, in `time.monotonic`
    seconds, there is no further word.
    """
    for rank, (chance, proposal) in enumerate(best[:PROPOSALS]):
        if chance < least:
            return
        written = writer.write(moment, proposal, cancel=cancel, deadline=deadline)
        if written is None:
            return
        values = _values(chance, rank, written)
        if squeezed(written.proposal.new) == squeezed(proposal.new):
            yield Word(proposal, AGREED, values)
            return
        yield Word(proposal, KEPT, values)
        yield Word(written.proposal, OTHER, values)


def _values(chance: float, rank: int, written: Written) -> dict[str, float]:
    """What is weighed: the probability as a logit, how sure the model was, how many it denied before."""
    clipped = min(max(chance, 0.001), 0.999)
    return {
        "bias": 1.0,
        "chance": math.log(clipped / (1 - clipped)),
        "mean": max(sum(written.logprobs) / len(written.logprobs), -3.0),
        "worst": max(min(written.logprobs), -6.0),
        "rank": float(rank),
    }
