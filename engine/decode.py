"""Greedy decoding of a model that runs here, with drafts, a prefix cache, cancellation and a deadline.

Drafts make decoding faster and never change its outcome: each is checked in one forward pass, and what the
model would not have written is rolled back (Leviathan et al. 2023, for the greedy case). Quantised models
compute a token in company and alone with different rounding, so there the outcome may differ at near-ties.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cache.prefix import PrefixCache
from engine.cancel import NEVER, CancelToken
from engine.live import LiveSequence
from engine.model import Finish, Generation, Usage, never, room
from engine.output import Enough, Output, logprobs
from engine.session import Floats, Session

if TYPE_CHECKING:
    from engine.drafts import Drafter
    from engine.tokenizer import BpeTokenizer

TURN_S: Final = 0.08  # seconds for one pass over a part of a prompt
LONGEST_CHUNK: Final = 256  # tokens: more are no faster
SHORTEST_CHUNK: Final = 32  # tokens: fewer are much slower
SHORTEST_DRAFT: Final = 16
LONGEST_DRAFT: Final = 128
SCORED_AT_ONCE: Final = 64  # rows of logits in one pass: each is as wide as the vocabulary


class CachedModel:
    """A `Model` over one session: what the live sequence or the cache remember is not computed again."""

    def __init__(
        self, session: Session, cache: PrefixCache, tokenizer: BpeTokenizer, trained_for: Collection[str] = ()
    ) -> None:
        self.tokenizer = tokenizer
        self.trained_for = trained_for
        self.context = session.capacity
        self._live = LiveSequence(session, cache)

    def generate(
        self,
        prompt: Sequence[int],
        *,
        max_tokens: int,
        stop: Callable[[str], bool] = never,
        heal: str = "",
        draft: Drafter | None = None,
        cancel: CancelToken = NEVER,
        deadline: float | None = None,
    ) -> Generation:
        """See `Model.generate`."""
        limit = min(max_tokens, room(prompt, self.context))
        output = Output(self.tokenizer, heal=heal, max_tokens=limit, stop=stop)
        request = _Request(self._live, cancel, deadline)
        finish: Finish
        try:
            finish = request.write(request.read(prompt), output, draft)
        except _Ended as ended:
            finish = ended.finish
        usage = request.usage(len(prompt), len(output.tokens))
        return Generation(tuple(output.tokens), output.text, tuple(output.logprobs), finish, usage)

    def warm(self, prompt: Sequence[int], *, cancel: CancelToken = NEVER) -> Usage:
        """See `Model.warm`. Cancelled, it leaves what it has read for the next request."""
        room(prompt, self.context)
        request = _Request(self._live, cancel)
        with contextlib.suppress(_Ended):
            request.read(prompt)
        return request.usage(len(prompt), 0)

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        """See `Model.score`."""
        room([*prompt, *continuation], self.context)
        request = _Request(self._live, cancel)
        scores: list[float] = []
        try:
            before = request.read(prompt)
            for start in range(0, len(continuation), SCORED_AT_ONCE):
                tokens = continuation[start : start + SCORED_AT_ONCE]
                before = before.copy()  # the next pass may write to the same memory
                after = request.extend(tokens, len(tokens))
                scores += logprobs(np.concatenate([before, after[:-1]]), tokens)
                before = after[-1:]
        except _Ended:
            cancel.check()
        return scores

    @property
    def cached_bytes(self) -> int:
        """What the prompts take that were read before the current one. Any thread may ask."""
        return self._live.cache.bytes

    def forget(self) -> None:
        """Drop what was read before the current prompt: memory is short."""
        self._live.cache.evict(0)


class _Ended(Exception):
    """The request was cancelled or is late."""

    def __init__(self, finish: Literal["cancelled", "deadline"]) -> None:
        self.finish = finish


class _Request:
    """One request's way through the model: asks before each pass whether to go on, and counts the cost."""

    def __init__(self, live: LiveSequence, cancel: CancelToken, deadline: float | None = None) -> None:
        self._live = live
        self._cancel = cancel
        self._deadline = deadline
        self._began = time.perf_counter()
        self._answered: float | None = None  # when the prompt was read
        self._cached = self._passes = self._drafted = self._accepted = 0

    def read(self, prompt: Sequence[int]) -> Floats:
        """Make `prompt` the live sequence and return the logits after its last token, [1, vocab]."""
        done = self._cached = self._live.recall(prompt, len(prompt) - 1)
        while done < len(prompt):
            chunk = prompt[done : done + self._chunk()]
            logits = self.extend(chunk)
            done += len(chunk)
        self._answered = time.perf_counter()
        return logits

    def _chunk(self) -> int:
        """Tokens to compute at once, so that neither a newer request nor the deadline waits for long.

        What was read of a prompt is kept, and the next request goes on from there.
        """
        if not self._live.pace:
            return LONGEST_CHUNK
        left = TURN_S if self._deadline is None else min(TURN_S, self._deadline - time.monotonic())
        return max(SHORTEST_CHUNK, min(LONGEST_CHUNK, int(left / self._live.pace)))

    def write(self, logits: Floats, output: Output, drafter: Drafter | None) -> Finish:
        """Fill `output` with what follows, beginning with the choice from `logits` [1, vocab]."""
        draft: Sequence[int] = ()
        longest = SHORTEST_DRAFT
        while True:
            settled = len(self._live.tokens) - len(draft)
            finish, accepted = _compare(logits, draft, output)
            self._live.rollback(settled + accepted)
            self._accepted += accepted
            if finish:
                return finish
            if draft:
                longest = _next_longest(longest, len(draft), accepted)
            last = output.tokens[-1]
            draft = ()
            if drafter and output.room > 1 and not output.healing:
                draft = drafter.draft(
                    [*self._live.tokens, last], min(longest, output.room - 1, self._chunk())
                )
            self._drafted += len(draft)
            logits = self.extend([last, *draft], 1 + len(draft))

    def extend(self, ids: Sequence[int], rows: int = 1) -> Floats:
        """One pass over `ids`. Raises `_Ended` instead if the request was cancelled or is late."""
        if self._cancel.cancelled:
            raise _Ended("cancelled")
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise _Ended("deadline")
        self._passes += 1
        return self._live.extend(ids, rows)

    def usage(self, prompt_tokens: int, generated_tokens: int) -> Usage:
        """Return what the request cost up to now."""
        now = time.perf_counter()
        answered = self._answered or now
        return Usage(
            prompt_tokens,
            self._cached,
            generated_tokens,
            self._passes,
            self._drafted,
            self._accepted,
            prefill_ms=(answered - self._began) * 1e3,
            decode_ms=(now - answered) * 1e3,
        )


def _compare(logits: Floats, draft: Sequence[int], output: Output) -> tuple[Enough | None, int]:
    """Take the model's own choices as long as they are the draft's, and the first that is not.

    Row i of `logits` follows the i-th token of `draft`. Returns why the output ended and how many drafted
    tokens, all computed already, it now goes on from.
    """
    for accepted, row in enumerate(logits):
        finish = output.take(row)
        if finish or accepted == len(draft) or output.tokens[-1] != draft[accepted]:
            return finish, accepted
    raise AssertionError("logits have one row more than the draft has tokens")


def _next_longest(longest: int, drafted: int, accepted: int) -> int:
    """Double drafts as long as they hold; start anew after a miss, for checking costs something too."""
    if accepted < drafted:
        return SHORTEST_DRAFT
    return min(2 * longest, LONGEST_DRAFT) if drafted == longest else longest
