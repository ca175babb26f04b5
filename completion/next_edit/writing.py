"""What the model would write at a place.

Small models continue a diff well at a given place and choose places badly, so the place comes from elsewhere:
from a proposal, whose text is the draft, so that a model that agrees needs one pass; or from the ranking of
places, with nothing to say what goes there, where the model says whether anything changes at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.prompt_next_edit_v1 import (
    ADD,
    DROP,
    HISTORY,
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

_LONGEST: Final = 320  # tokens of an answer
_CHANGES: Final = 8  # recent changes that the prompt shows
_GOING: Final = 20  # lines that may go


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote at a proposal's place, and the mean log-probability of its tokens."""

    proposal: Proposal
    agrees: bool
    likelihood: float


@dataclass(frozen=True, slots=True)
class Found:
    """What the model would change at a place.

    `changes` is the log-probability that it begins so, `likelihood` the mean of all that it wrote.
    """

    proposal: Proposal
    changes: float
    likelihood: float


class _Draft:
    """The lines that are expected, one after the other; once the model has left them, the prompt."""

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
    """Asks one model, in the form that it was chosen for."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._form = Format(model.tokenizer)

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
        edits = [RecentEdit(change.path, redacted(change.diff())) for change in moment.changes[-_CHANGES:]]
        room = self._model.context - _LONGEST - len(form.rewrite([], view, proposal.start, old))
        if room < 0:
            return None
        prompt = form.rewrite(edits, view, proposal.start, old, min(HISTORY, room))
        expected = form.lines(ADD, proposal.new)[0 if old else 1 :]
        prefix = "" if old else ADD
        generation = self._generated(
            prompt, lambda text: ended(prefix + text), _Draft(prompt, [expected]), cancel, deadline
        )
        if generation is None:
            return None
        new = tuple(new_lines(prefix + generation.text))
        written = Proposal(
            proposal.path,
            proposal.start,
            proposal.old_count,
            new,
            "written",
            proposal.change,
            proposal.evidence,
        )
        return Written(written, _squeezed(new) == _squeezed(proposal.new), _mean(generation.logprobs))

    def find(
        self,
        moment: Moment,
        place: Proposal,
        *,
        cancel: CancelToken = NEVER,
        deadline: float | None = None,
    ) -> Found | None:
        """What the model would change from the line `place.start` on, whatever `place` proposes.

        None where it would change nothing, or had no time or no room for it.
        """
        form = self._form
        lines = redacted("\n".join(moment.files[place.path])).split("\n")
        view = View(place.path, 1, lines).around(place.start)
        edits = [RecentEdit(change.path, redacted(change.diff())) for change in moment.changes[-_CHANGES:]]
        asked = form.view(view) + form.lead(view, place.start)
        room = self._model.context - _LONGEST - len(asked)
        if room < 0:
            return None
        prompt = form.history(edits, min(HISTORY, room)) + asked
        behind = lines[place.start - 1 :]
        generation = self._generated(
            prompt,
            ended,
            _Draft(prompt, [form.lines(DROP, [line]) for line in behind[:_GOING]]),
            cancel,
            deadline,
        )
        if generation is None or (old := old_lines(generation.text)) != behind[: len(old)]:
            return None
        new = tuple(new_lines(generation.text))
        if tuple(old) == new:
            return None
        found = Proposal(place.path, place.start, len(old), new, "found", place.change, place.evidence)
        return Found(found, generation.logprobs[0], _mean(generation.logprobs))

    def _generated(
        self,
        prompt: Sequence[int],
        stop: Callable[[str], bool],
        draft: _Draft,
        cancel: CancelToken,
        deadline: float | None,
    ) -> Generation | None:
        """What follows, if it came to its end in time."""
        generation = self._model.generate(
            prompt, max_tokens=_LONGEST, stop=stop, draft=draft, cancel=cancel, deadline=deadline
        )
        return generation if generation.finish in ("stop", "eos") and generation.logprobs else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _squeezed(lines: Sequence[str]) -> str:
    return "".join("".join(lines).split())
