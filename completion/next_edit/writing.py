"""The model's word on a proposal: at its place, with its text as draft, the model writes what it would write.

Small models continue a diff well at a given place and choose places badly, so the place is the proposal's.
Where the model agrees, the draft makes that one pass; where it does not, what it wrote is a proposal too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.prompt_next_edit_v1 import HISTORY, Format, RecentEdit, View, ended, new_lines
from engine.cancel import NEVER, CancelToken
from engine.decode import Model
from engine.drafts import NgramDrafter
from text.secrets import redacted

_LONGEST: Final = 320  # tokens of an answer
_CHANGES: Final = 8  # recent changes that the prompt shows


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote at a proposal's place, and the mean log-probability of its tokens."""

    proposal: Proposal
    agrees: bool
    likelihood: float


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
        expected = form.lines("+", proposal.new)[0 if old else 1 :]
        prefix = "" if old else "+"
        generation = self._model.generate(
            prompt,
            max_tokens=_LONGEST,
            stop=lambda text: ended(prefix + text),
            draft=_Draft(prompt, expected),
            cancel=cancel,
            deadline=deadline,
        )
        if generation.finish not in ("stop", "eos") or not generation.logprobs:
            return None
        new = tuple(new_lines(prefix + generation.text))
        likelihood = sum(generation.logprobs) / len(generation.logprobs)
        written = Proposal(
            proposal.path,
            proposal.start,
            proposal.old_count,
            new,
            "written",
            proposal.change,
            proposal.evidence,
        )
        return Written(written, _squeezed(new) == _squeezed(proposal.new), likelihood)


def _squeezed(lines: Sequence[str]) -> str:
    return "".join("".join(lines).split())
