"""What a model writes, token by token: the choice of each, its text, and when it is enough."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.tokenizer import BpeTokenizer

Enough = Literal["stop", "eos", "length"]


class Output:
    """The tokens taken so far, their text and log-probabilities.

    While text is owed (`heal`: it stood in the document, but its tokens were taken back from the prompt),
    only tokens that go along with it may be taken, and their log-probabilities are relative to those.
    """

    def __init__(
        self, tokenizer: BpeTokenizer, *, heal: str, max_tokens: int, stop: Callable[[str], bool]
    ) -> None:
        self.tokens: list[int] = []
        self.logprobs: list[float] = []
        self.text = ""
        self._tokenizer = tokenizer
        self._owed = heal.encode()
        self._max_tokens = max_tokens
        self._stop = stop
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def room(self) -> int:
        """How many more tokens may be taken."""
        return self._max_tokens - len(self.tokens)

    @property
    def healing(self) -> bool:
        """Whether text is still owed."""
        return bool(self._owed)

    def take(self, logits: NDArray[np.float32]) -> Enough | None:
        """Append the best token of `logits` [vocab]; say why it was the last one, if it was."""
        token, logprob = self._choose(logits)
        if token in self._tokenizer.eos:
            return "eos"
        written = self._tokenizer.token_bytes(token)
        self._owed = self._owed[len(written) :]
        self.tokens.append(token)
        self.logprobs.append(logprob)
        self.text += self._utf8.decode(written)
        if self._stop(self.text):
            return "stop"
        return None if self.room > 0 else "length"

    def _choose(self, logits: NDArray[np.float32]) -> tuple[int, float]:
        if not self._owed:
            return best(logits)
        allowed = self._tokenizer.starting_with(self._owed)
        index, logprob = best(logits[allowed])
        return int(allowed[index]), logprob


def best(logits: NDArray[np.float32]) -> tuple[int, float]:
    """Return the index of the greatest of `logits` and its log-softmax."""
    index = int(logits.argmax())
    return index, -float(np.log(np.exp(logits - logits[index]).sum()))


def logprobs(logits: NDArray[np.float32], tokens: Sequence[int]) -> list[float]:
    """Return the log-softmax of `tokens[i]` in row i of `logits` [n, vocab]."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    chosen = shifted[np.arange(len(tokens)), np.asarray(tokens)]
    return [float(x) for x in chosen - np.log(np.exp(shifted).sum(axis=-1))]
