"""A language model, as the rest of Tacit sees it: what it is asked, and what it says.

`engine.decode.CachedModel` runs one here, `engine.sharing.guest.SharedModel` asks another server's, and
`engine.remote.model.RemoteModel` another machine's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from engine.cancel import NEVER, CancelToken

if TYPE_CHECKING:
    from engine.drafts import Drafter

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


class FimTokens(msgspec.Struct, frozen=True):
    """Control tokens of fill-in-the-middle: the model reads prefix and suffix, then writes the middle."""

    prefix: int
    suffix: int
    middle: int
    repo: int | None = None
    file: int | None = None


class Tokenizer(Protocol):
    """Text to tokens and back. Text never becomes a control token: those are reached by name alone."""

    @property
    def eos(self) -> frozenset[int]:
        """The tokens that end an output: all control tokens."""
        ...

    @property
    def fim(self) -> FimTokens | None:
        """The tokens to fill in the middle with; None for a model that only goes on."""
        ...

    def encode(self, text: str) -> list[int]:
        """Tokens of any text; a lone surrogate, which no file can hold, counts as U+FFFD or `?`."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids`; control tokens have none, and a torn character shows as U+FFFD."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """UTF-8 bytes that `token` stands for: possibly part of a character, empty for control tokens."""
        ...

    def special(self, name: str) -> int | None:
        """The control token `name`, such as `<|endoftext|>`; None where the model has no such token."""
        ...

    def __hash__(self) -> int:
        """By identity, so that what was learnt of a tokenizer can be kept."""
        ...


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

    @property
    def trained_for(self) -> Collection[str]:
        """Versions of prompts that our own training taught it: what it says to others was never fitted."""
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


def room(prompt: Sequence[int], context: int) -> int:
    """How many tokens may follow `prompt`. Raises ValueError where it is empty or leaves no room."""
    if not 0 < len(prompt) < context:
        raise ValueError(f"{len(prompt)} tokens leave no room in a context of {context}")
    return context - len(prompt)
