"""llama.cpp as a peer: the few calls that the benches need, over llama-cpp-python (the `bench` extra)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def available() -> bool:
    """Whether llama-cpp-python can be imported here."""
    try:
        import llama_cpp  # noqa: F401
    except (ImportError, OSError):  # OSError: built for another processor or C library
        return False
    return True


class Peer:
    """One model in llama.cpp, evaluated token by token as our own engine is: greedily, with a kept prefix."""

    def __init__(self, path: Path, *, threads: int, context: int) -> None:
        import llama_cpp

        self.version: str = llama_cpp.__version__
        self._library: Any = llama_cpp
        self._llama: Any = llama_cpp.Llama(
            str(path),
            n_ctx=context,
            n_threads=threads,
            n_threads_batch=threads,
            flash_attn=True,
            verbose=False,
        )

    @property
    def length(self) -> int:
        """Number of evaluated tokens that are kept."""
        return int(self._llama.n_tokens)

    def rollback(self, length: int) -> None:
        """Forget every token from index `length` on."""
        self._llama.n_tokens = length

    def evaluate(self, tokens: Sequence[int]) -> int:
        """Append `tokens` and return the likeliest next token."""
        self._llama.eval(list(tokens))
        logits = self._library.llama_get_logits(self._llama.ctx)
        return int(np.ctypeslib.as_array(logits, shape=(self._llama.n_vocab(),)).argmax())

    def generate(
        self, tokens: Sequence[int], max_tokens: int, stop: Callable[[list[int]], bool] | None = None
    ) -> list[int]:
        """Append `tokens`, then write greedily, at most `max_tokens`, until `stop` or an end token.

        As in any decoder, the last written token is left unevaluated.
        """
        written: list[int] = []
        token = self.evaluate(tokens)
        while token not in self._end_tokens():
            written.append(token)
            if len(written) == max_tokens or (stop is not None and stop(written)):
                break
            token = self.evaluate([token])
        return written

    def verify(self, tokens: Sequence[int]) -> list[int]:
        """Append `tokens` in one pass and return the likeliest next token after each of them."""
        library, context, start = self._library, self._llama.ctx, self.length
        library.llama_memory_seq_rm(library.llama_get_memory(context), 0, start, -1)
        batch = library.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index], batch.pos[index] = token, start + index
            batch.n_seq_id[index], batch.seq_id[index][0], batch.logits[index] = 1, 0, 1
        failed = library.llama_decode(context, batch)
        library.llama_batch_free(batch)
        if failed:
            raise RuntimeError(f"llama_decode: {failed}")
        self._llama.n_tokens += len(tokens)
        shape = (len(tokens), self._llama.n_vocab())
        logits = np.ctypeslib.as_array(library.llama_get_logits(context), shape=shape)
        return [int(token) for token in logits.argmax(-1)]

    def tokenize(self, text: str) -> list[int]:
        """Tokens of plain text: no start token, markers not recognised."""
        return list(self._llama.tokenize(text.encode(), add_bos=False, special=False))

    def marker(self, name: str) -> int | None:
        """The single token of a marker such as `<|fim_prefix|>`, or None where the vocabulary has none."""
        tokens = self._llama.tokenize(name.encode(), add_bos=False, special=True)
        return int(tokens[0]) if len(tokens) == 1 else None

    def text(self, tokens: Sequence[int]) -> str:
        """The text of `tokens`; bytes that are not UTF-8 become U+FFFD."""
        return str(self._llama.detokenize(list(tokens)).decode("utf-8", "replace"))

    def close(self) -> None:
        """Free the model."""
        self._llama.close()

    def _end_tokens(self) -> set[int]:
        return {int(self._llama.token_eos()), *filter(None, [self.marker("<|endoftext|>")])}
