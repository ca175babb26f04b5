"""What the model would write at a place.

Small models continue a diff well at a given place and choose places badly, so the place comes from elsewhere:
from a proposal, whose text is the draft, so that a model that agrees needs one pass; or from the ranking of
places, with nothing to say what goes there, where the model says whether anything changes at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.prompt_next_edit_v1 import (
    ADD,
    DROP,
    HISTORY,
    VERSION,
    Format,
    RecentEdit,
    View,
    ended,
    new_lines,
    old_lines,
)
from engine.cancel import NEVER, CancelToken
from engine.decode import Generation, Model
from engine.drafts import NgramDrafter
from text.secrets import redacted

WRITTEN: Final = "written"  # the kind of what the model writes
_LONGEST: Final = 320  # tokens of an answer
_CHANGES: Final = 8  # recent changes that the first prompt shows
_DROPPED: Final = 4  # changes that are left out at once
_ALL: Final = 1 << 30
_GOING: Final = 20  # lines that may go


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote at a place, and the log-probability of each of its tokens.

    The first token decides whether and how a change begins.
    """

    proposal: Proposal
    logprobs: tuple[float, ...]


class _Draft:
    """The expected lines, one after the other; once the model has left them, what the prompt holds."""

    def __init__(self, prompt: Sequence[int], expected: Sequence[Sequence[int]]) -> None:
        self._start = len(prompt)
        self._expected = expected
        self._other = NgramDrafter(prompt)

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        done, known = list(tokens[self._start :]), list[int]()
        for line in self._expected:
            known += line
            if len(done) < len(known) and done == known[: len(done)]:
                return known[len(done) :][:limit]
        return self._other.draft(tokens, limit)


class Writer:
    """Asks one model, in the form that it was chosen for.

    Each question takes a `deadline` in `time.monotonic` seconds.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._form = Format(model.tokenizer)
        self._oldest: Change | None = None  # that the last prompt showed

    def write(
        self,
        moment: Moment,
        proposal: Proposal,
        *,
        cancel: CancelToken = NEVER,
        deadline: float | None = None,
    ) -> Written | None:
        """What the model would write in the proposal's place; None where it had no time or no room for it."""
        lines = self._lines(moment, proposal.path)
        old = lines[proposal.start - 1 : proposal.end - 1]
        going = self._form.lines(DROP, old) or [self._form.marks[ADD]]
        expected = self._form.lines(ADD, proposal.new)[0 if old else 1 :]
        begun = "" if old else ADD
        prompt = self._prompt(moment, proposal, lines, going)
        answer = self._answer(prompt, [expected], begun, cancel, deadline)
        if answer is None:
            return None
        new = tuple(new_lines(begun + answer.text))
        return _written(proposal, proposal.old_count, new, answer)

    def find(
        self,
        moment: Moment,
        place: Proposal,
        *,
        cancel: CancelToken = NEVER,
        deadline: float | None = None,
    ) -> Written | None:
        """What the model would change from the line `place.start` on, whatever `place` proposes.

        None where it would change nothing, or had no time or no room for it.
        """
        lines = self._lines(moment, place.path)
        behind = lines[place.start - 1 :]
        expected = [self._form.lines(DROP, [line]) for line in behind[:_GOING]]
        prompt = self._prompt(moment, place, lines, [])
        answer = self._answer(prompt, expected, "", cancel, deadline)
        if answer is None or (old := old_lines(answer.text)) != behind[: len(old)]:
            return None
        new = tuple(new_lines(answer.text))
        return None if tuple(old) == new else _written(place, len(old), new, answer)

    def _lines(self, moment: Moment, path: str) -> list[str]:
        return redacted("\n".join(moment.files[path])).split("\n")

    def _prompt(
        self, moment: Moment, place: Proposal, lines: Sequence[str], going: Sequence[int]
    ) -> list[int]:
        """The recent changes, the lines around a place, and a hunk up to it; empty where there is no room."""
        form = self._form
        view = View(place.path, 1, lines).around(place.start)
        asked = [*form.view(view), *form.lead(view, place.start), *going]
        room = self._model.context - _LONGEST - len(asked)
        return [] if room < 0 else self._history(moment.changes, min(HISTORY, room)) + asked

    def _history(self, changes: Sequence[Change], budget: int) -> list[int]:
        """The recent changes in at most `budget` tokens.

        It begins with the same change as the last prompt did as long as that fits, and then some changes
        later: where only its end is new, the model has read the most of it before.
        """
        known = self._oldest in changes
        first = changes.index(self._oldest) if known else max(len(changes) - _CHANGES, 0)
        edits = [RecentEdit(change.path, redacted(change.diff())) for change in changes]
        while len(tokens := self._form.history(edits[first:], _ALL)) > budget and first < len(changes) - 1:
            first = min(first + _DROPPED, len(changes) - 1)
        self._oldest = changes[first]
        return tokens[:budget]

    def _answer(
        self,
        prompt: Sequence[int],
        expected: Sequence[Sequence[int]],
        begun: str,
        cancel: CancelToken,
        deadline: float | None,
    ) -> Generation | None:
        """What follows, if it ended in time; `begun` is the part of it that the prompt ends with."""
        if not prompt:
            return None
        answer = self._model.generate(
            prompt,
            max_tokens=_LONGEST,
            stop=lambda text: ended(begun + text),
            draft=_Draft(prompt, expected),
            cancel=cancel,
            deadline=deadline,
        )
        return answer if answer.finish in ("stop", "eos") and answer.logprobs else None


def writer_for(model: Model) -> Writer | None:
    """Who asks `model`, unless it was not trained for it: then nobody measured what its word is worth."""
    return Writer(model) if VERSION in model.trained_for else None


def _written(place: Proposal, old_count: int, new: tuple[str, ...], answer: Generation) -> Written:
    proposal = Proposal(place.path, place.start, old_count, new, WRITTEN, place.change, place.evidence)
    return Written(proposal, answer.logprobs)
