"""`next_edit`: from what was just changed to the one edit that is likely to come next, or to a silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from completion.next_edit.features import features
from completion.next_edit.gate import Weights, heard, probability, rank, threshold, weights
from completion.next_edit.imports import removals
from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import replayed
from completion.next_edit.siblings import siblings
from completion.next_edit.vetoes import Parsed, reason_against
from completion.next_edit.writing import Writer, Written
from completion.reasons import Reason, Silence
from engine.cancel import NEVER, CancelToken

PRECISION: Final = 0.6  # how often what is shown is to be right
_TRIED: Final = 5  # proposals that are checked before giving up
_ALTERNATIVES: Final = 2
_WORTH_READING: Final = 0.05  # a probability below which the model is not asked


@dataclass(frozen=True)
class NextEdit:
    """What to show, how probable it is that it is wanted, and what else could be."""

    proposal: Proposal
    probability: float
    alternatives: tuple[Proposal, ...] = ()


def next_edit(
    moment: Moment,
    precision: float = PRECISION,
    fitted: Weights | None = None,
    *,
    writer: Writer | None = None,
    cancel: CancelToken = NEVER,
    deadline: float | None = None,
) -> NextEdit | Silence:
    """The most probable next edit, if that is right as often as `precision` asks (0: whatever is best).

    With a `writer`, the model has a word on the best proposal, if it comes to one before `deadline` (in
    `time.monotonic` seconds).
    """
    if not moment.changes:
        return Silence(Reason.NOTHING_CHANGED)
    fitted = fitted or weights()
    proposals = proposed(moment)
    if not proposals:
        return Silence(Reason.NO_NEXT_EDIT)
    ranked = rank(proposals, features(moment, proposals), fitted)
    choices = [
        (probability(ranked[index:], fitted), ranked[index].proposal) for index in range(len(ranked))[:_TRIED]
    ]
    if writer and fitted.written and choices[0][0] >= _WORTH_READING:
        written = writer.write(moment, choices[0][1], cancel=cancel, deadline=deadline)
        choices = [*after_word(choices[0], written, fitted), *choices[1:]] if written else choices
    parsed = Parsed(moment)
    silence: Reason | None = None
    for index, (chance, proposal) in enumerate(choices):
        if precision and chance < threshold(precision, fitted):
            return Silence(silence or Reason.UNLIKELY, f"{chance:.2f}")
        reason = reason_against(moment, proposal, parsed)
        if reason is None:
            others = tuple(other for _, other in choices[index + 1 :][:_ALTERNATIVES])
            return NextEdit(proposal, chance, others)
        silence = silence or reason
    return Silence(silence or Reason.NO_NEXT_EDIT)


def after_word(
    choice: tuple[float, Proposal], written: Written, fitted: Weights
) -> list[tuple[float, Proposal]]:
    """A choice and what the model wrote in its place, the more probable first."""
    chance, proposal = choice
    if written.agrees:
        return [(heard(chance, written.likelihood, fitted.agreed), proposal)]
    kept = heard(chance, written.likelihood, fitted.kept), proposal
    other = heard(chance, written.likelihood, fitted.written), written.proposal
    return [other, kept] if other[0] > kept[0] else [kept, other]


def proposed(moment: Moment) -> list[Proposal]:
    """Everything that any part of the ensemble proposes."""
    return [*replayed(moment), *siblings(moment), *removals(moment)]
