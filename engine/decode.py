"""Decoding: what the rest of Tacit sees of a language model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from engine.cancel import NEVER, CancelToken

if TYPE_CHECKING:
    from engine.drafts import Drafter
    from engine.tokenizer import Tokenizer

Finish = Literal["stop", "eos", "length", "cancelled", "deadline"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request cost."""

    prompt_tokens: int = 0
    cached_tokens: int = 0  # of the prompt, not computed again
    generated_tokens: int = 0
    passes: int = 0  # forward passes, those of the prompt included
    drafted: int = 0
    accepted: int = 0  # of the drafted tokens
    prefill_ms: float = 0.0
    decode_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model wrote: tokens without the end token, their text, a log-probability for each.

    `text` starts with `heal`, as far as decoding got, and never ends within a character.
    """

    tokens: tuple[int, ...]
    text: str
    logprobs: tuple[float, ...]
    finish: Finish
    usage: Usage


def never(_text: str) -> bool:
    """Stop condition of a caller that wants all that the model has to say."""
    return False


class Model(Protocol):
    """A language model with a memory of recent prompts. One thread at a time."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own tokenizer."""
        ...

    @property
    def context(self) -> int:
        """The most tokens that prompt and output may take together."""
        ...

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
        """Continue `prompt` greedily until `stop(text so far)`, an end token, a limit or `cancel`.

        `stop` is called after each token. The output starts with `heal`: text that the caller took back
        from the prompt's end, because it may be part of a longer token. `deadline` is in `time.monotonic`
        seconds. Being cancelled or late is a `finish`, not an exception. Raises `ValueError` for a prompt
        that is empty or leaves no room in the context.
        """
        ...

    def warm(self, prompt: Sequence[int], *, cancel: CancelToken = NEVER) -> Usage:
        """Read `prompt` into the cache, so that a later prompt which shares its start is answered sooner."""
        ...

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        """Return the log-probability of each token of `continuation` after `prompt`. Raises `Cancelled`."""
        ...
