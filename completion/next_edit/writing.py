"""The model's word on a proposal: at its place, with its text as draft, the model writes what it would write.

Small models continue a diff well at a given place and choose places badly, so the place is the proposal's.
Where the model agrees, the draft makes that one pass; where it does not, what it wrote is a proposal too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.prompt_next_edit_v1 import (
    ADD,
    HISTORY,
    VERSION,
    Format,
    RecentEdit,
    View,
    ended,
    new_lines,
)
from engine.cancel import NEVER, CancelToken
from engine.drafts import NgramDrafter
from engine.model import Model
from text.secrets import redacted

_LONGEST: Final = 320  # tokens of an answer
_CHANGES: Final = 8  # recent changes that the first prompt shows
_DROPPED: Final = 4  # changes that are left out at once
_ALL: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote at a proposal's place, and the log-probability of each of its tokens."""

    proposal: Proposal
    logprobs: tuple[float, ...]


class _Draft:
    """The proposal's own text first; once the model has left it, what stands in the prompt."""

    def __init__(self, prompt: Sequence[int], text: Sequence[int]) -> None:
        self._start = len(prompt)
        self._text = list(text)
        self._other = NgramDrafter(prompt)

    def draft(self, tokens: Sequence[int], limit: int) -> Sequence[int]:
        done = list(tokens[self._start :])
        if done == self._text[: len(done)]:
            return self._text[len(done) : len(done) + limit]
        return self._other.draft(tokens, limit)


class Writer:
    """Asks one model, in the form that it was trained for."""

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
        """What the model would write in the proposal's place; None where it had no time or no room for it.

        `deadline` is in `time.monotonic` seconds.
        """
        form = self._form
        file = View(proposal.path, 1, redacted("\n".join(moment.files[proposal.path])).split("\n"))
        view, old = file.around(proposal.start), file.between(proposal.start, proposal.end)
        asked = form.rewrite([], view, proposal.start, old)
        room = self._model.context - _LONGEST - len(asked)
        if room < 0:
            return None
        prompt = self._history(moment.changes, min(HISTORY, room)) + asked
        begun = "" if old else ADD
        answer = self._model.generate(
            prompt,
            max_tokens=_LONGEST,
            stop=lambda text: ended(begun + text),
            draft=_Draft(prompt, form.lines(ADD, proposal.new)[0 if old else 1 :]),
            cancel=cancel,
            deadline=deadline,
        )
        if answer.finish not in ("stop", "eos") or not answer.logprobs:
            return None
        new = tuple(new_lines(begun + answer.text))
        place = proposal.path, proposal.start, proposal.old_count
        return Written(Proposal(*place, new, "written", proposal.change, proposal.evidence), answer.logprobs)

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


def writer_for(model: Model) -> Writer | None:
    """Who asks `model`, unless it was not trained for it: then nobody measured what its word is worth."""
    return Writer(model) if VERSION in model.trained_for else None
