"""`next_edit`: from what was just changed to the one edit that is likely to come next, or to a silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from completion.next_edit.asking import OTHER, Word, asked
from completion.next_edit.diagnostics import repairs, weighed
from completion.next_edit.dropped import dropped
from completion.next_edit.features import features
from completion.next_edit.gate import Ranked, Weights, logistic, probability, rank, threshold, weights
from completion.next_edit.imports import removals
from completion.next_edit.moment import Moment
from completion.next_edit.places import MENTION, places
from completion.next_edit.proposal import Proposal
from completion.next_edit.renamed import accepted
from completion.next_edit.replay import replayed
from completion.next_edit.siblings import SIBLING, siblings
from completion.next_edit.signature import parameters
from completion.next_edit.unfinished import doubted, ending
from completion.next_edit.vetoes import Parsed, reason_against
from completion.next_edit.wanted import wanted
from completion.next_edit.writing import Writer
from completion.reasons import Reason, Silence
from engine.cancel import NEVER, CancelToken

PRECISION: Final = 0.6  # how often what is shown is to be right
JUMP: Final = "jump"  # the kind of a proposal that is a place without text
_TRIED: Final = 5  # proposals that are checked before giving up
_ALTERNATIVES: Final = 2
_GUESS: Final = 0.1  # a probability below which the place counts and not the text
WORTH_READING: Final = 0.05  # a probability below which the model is not asked


class Choice(NamedTuple):
    """A proposal and how probable it is that it is right."""

    chance: float
    proposal: Proposal


@dataclass(frozen=True)
class NextEdit:
    """What to show, how probable it is that it is wanted, and what else could be.

    `thresholds`: from which probability on a wanted precision is reached, for such probabilities.
    """

    proposal: Proposal
    probability: float
    thresholds: Mapping[str, float]
    alternatives: tuple[Proposal, ...] = ()


def next_edit(
    moment: Moment,
    precision: float = PRECISION,
    fitted: Weights | None = None,
    *,
    writer: Writer | None = None,
    without: Collection[str] = (),
    cancel: CancelToken = NEVER,
    deadline: float | None = None,
) -> NextEdit | Silence:
    """The most probable next edit, if that is right as often as `precision` asks (0: whatever is best).

    Only with 0 the answer may be a place to JUMP to, whose proposal keeps the text that stands there.
    With a `writer`, the model has a word on the best proposal, if it comes to one before `deadline` (in
    `time.monotonic` seconds). `without` names kinds of proposals to leave out, to see what they are worth.
    """
    if not moment.changes:
        return Silence(Reason.NOTHING_CHANGED)
    fitted, parsed = fitted or weights(), Parsed(moment)
    listen = writer is not None and bool(fitted.words)
    proposals = [proposal for proposal in proposed(moment) if proposal.kind not in without]
    choices = considered(moment, proposals, fitted, parsed)
    table = fitted.heard_precisions if listen else fitted.precisions
    if writer and listen:
        words = asked(moment, choices, writer, least=WORTH_READING, cancel=cancel, deadline=deadline)
        choices = after_words(choices, words, fitted)
    doubt = fitted.resting if moment.rested else fitted.typing
    if doubt and (end := ending(moment, parsed)):
        table = doubt.precisions
        choices = [
            Choice(doubted(moment, chance, proposal, end, doubt.weights), proposal)
            for chance, proposal in choices
        ]
    choices = _carried_on(moment, choices)
    if not precision and (not choices or choices[0].chance < _GUESS):
        return _guess(moment, proposals, choices, fitted, parsed)
    least = threshold(precision, table) if precision else 0.0
    silence: Reason | None = None
    for index, (chance, proposal) in enumerate(choices):
        if chance < least:
            return Silence(silence or Reason.UNLIKELY, f"{chance:.2f}")
        reason = reason_against(moment, proposal, parsed)
        if reason is None:
            others = tuple(other for _, other in choices[index + 1 :][:_ALTERNATIVES])
            return NextEdit(proposal, chance, table, others)
        silence = silence or reason
    return Silence(silence or Reason.NO_NEXT_EDIT)


def _carried_on(moment: Moment, choices: Sequence[Choice]) -> list[Choice]:
    """Uses of a name first where others were accepted, as probable as the rule of succession says."""
    counts = [accepted(moment, choice.proposal) for choice in choices]
    raised = [
        Choice(max(choice.chance, (count + 1) / (count + 2)), choice.proposal)
        for choice, count in zip(choices, counts, strict=True)
        if count
    ]
    return [*raised, *(choice for choice, count in zip(choices, counts, strict=True) if not count)]


def considered(
    moment: Moment, proposals: Sequence[Proposal], fitted: Weights, parsed: Parsed
) -> list[Choice]:
    """The best proposals, each with the probability that it has where those before it are wrong."""
    ranked = _ranked(moment, proposals, fitted, parsed)
    return [
        Choice(probability(ranked[index:], fitted), ranked[index].proposal)
        for index in range(len(ranked))[:_TRIED]
    ]


def _ranked(moment: Moment, proposals: Sequence[Proposal], fitted: Weights, parsed: Parsed) -> list[Ranked]:
    """The proposals, best first; siblings, the boldest kind, only where nothing else is likely."""
    plain = [proposal for proposal in proposals if proposal.kind != SIBLING]
    ranked = weighed(moment, rank(plain, features(moment, plain), fitted.proposals), parsed)
    if probability(ranked, fitted) >= _GUESS or len(plain) == len(proposals):
        return ranked
    return weighed(moment, rank(proposals, features(moment, proposals), fitted.proposals), parsed)


def after_words(choices: Sequence[Choice], words: Iterable[Word], fitted: Weights) -> list[Choice]:
    """The choices and what the model wrote, most probable first, after its word on them."""
    heard = {choice.proposal.key: choice for choice in choices}
    for word in words:
        chance = logistic(word.values, fitted.words[word.part])
        known = heard.get(word.proposal.key)
        if known and word.part == OTHER:
            chance = max(chance, known.chance)  # the model came to it by itself
        heard[word.proposal.key] = Choice(chance, known.proposal if known else word.proposal)
    return sorted(heard.values(), key=lambda choice: -choice.chance)


def _guess(
    moment: Moment,
    proposals: Sequence[Proposal],
    choices: Sequence[Choice],
    fitted: Weights,
    parsed: Parsed,
) -> NextEdit | Silence:
    """The likeliest place, where no text is likely: with the text that is proposed there, or to jump to."""
    found = places(moment, proposals, fitted, parsed)
    if not found:
        return Silence(Reason.NO_NEXT_EDIT)
    place = found[0]
    if place.kind == MENTION or reason_against(moment, place, parsed):
        old = tuple(moment.files[place.path][place.start - 1 : place.end - 1])
        place = replace(place, new=old, kind=JUMP)
    chance = choices[0].chance if choices else 0.0
    others = tuple(other for _, other in choices if other.key != place.key)
    return NextEdit(place, chance, fitted.precisions, others[:_ALTERNATIVES])


def proposed(moment: Moment) -> list[Proposal]:
    """Everything that any part of the ensemble proposes."""
    return [
        *replayed(moment),
        *siblings(moment),
        *removals(moment),
        *dropped(moment),
        *wanted(moment),
        *parameters(moment),
        *repairs(moment),
    ]
