"""A language model that reads from a script: for tests of everything around the model.

    model = ScriptedModel({"def add(a, b):\\n    return ": "a + b\\n"})
    model = ScriptedModel(lambda prompt: "pass\\n" if prompt.endswith(":\\n    ") else "")

Its tokens are bytes, plus the special tokens of `SPECIALS`, which show in the prompt text by their names.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.cancel import NEVER, CancelToken
from engine.decode import Finish, Generation, Usage, never
from engine.drafts import Drafter

SPECIALS: Final = (
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|endoftext|>",
)


@dataclass(frozen=True)
class ByteFim:
    """The ids of the fill-in-the-middle tokens."""

    prefix: int = 256
    suffix: int = 257
    middle: int = 258
    repo: int | None = 259
    file: int | None = 260


class ByteTokenizer:
    """One token per byte of UTF-8; ids from 256 are the special tokens."""

    vocab_size: int = 256 + len(SPECIALS)
    eos: frozenset[int] = frozenset({256 + SPECIALS.index("<|endoftext|>")})

    def __init__(self, *, fim: bool = True) -> None:
        self.fim: Any = ByteFim() if fim else None

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, ids: Sequence[int]) -> str:
        return b"".join(self.token_bytes(i) for i in ids).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else SPECIALS[token - 256].encode()

    def special(self, name: str) -> int | None:
        return 256 + SPECIALS.index(name) if name in SPECIALS else None

    def starting_with(self, prefix: bytes) -> np.ndarray:
        return np.array([prefix[0]] if prefix else range(256), dtype=np.int64)


class ScriptedModel:
    """Continues a prompt with what the script says.

    The script sees the prompt's text with the healed text put back, and returns what follows it: a
    function of that text, or a mapping whose longest key that the text ends with is taken (none:
    nothing follows). `before_token(n)` is called before the n-th output token: to cancel, wait or advance
    a clock there. `prompts` keeps the text of every prompt that was seen.
    """

    def __init__(
        self,
        script: Mapping[str, str] | Callable[[str], str],
        *,
        context: int = 4096,
        fim: bool = True,
        logprob: float = -0.05,
        before_token: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._script = script if callable(script) else _longest_suffix(script)
        self._tokenizer: Any = ByteTokenizer(fim=fim)
        self._logprob = logprob
        self._before_token = before_token
        self._live: list[int] = []
        self.context = context
        self.prompts: list[str] = []

    @property
    def tokenizer(self) -> Any:
        return self._tokenizer

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
        usage = self.warm(prompt, cancel=cancel)
        output = (heal + self._script(self.prompts[-1] + heal)).encode()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        tokens: list[int] = []
        finish = _interrupted(cancel, deadline)
        while finish is None:
            self._before_token(len(tokens))
            finish = _interrupted(cancel, deadline)
            if finish is None and len(tokens) == len(output):
                finish = "eos"
            if finish is None:
                tokens.append(output[len(tokens)])
                text += decoder.decode(bytes(tokens[-1:]))
                finish = "stop" if stop(text) else "length" if len(tokens) == max_tokens else None
        self._live = [*prompt, *tokens]
        return Generation(
            tuple(tokens),
            text,
            (self._logprob,) * len(tokens),
            finish,
            Usage(usage.prompt_tokens, usage.cached_tokens, len(tokens), 1 + len(tokens)),
        )

    def warm(self, prompt: Sequence[int], *, cancel: CancelToken = NEVER) -> Usage:
        if not 0 < len(prompt) <= self.context:
            raise ValueError(f"a prompt of {len(prompt)} tokens does not fit a context of {self.context}")
        self.prompts.append(self._tokenizer.decode(prompt))
        common = 0
        while common < min(len(prompt) - 1, len(self._live)) and prompt[common] == self._live[common]:
            common += 1
        self._live = list(prompt)
        return Usage(prompt_tokens=len(prompt), cached_tokens=common, passes=1)

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        cancel.check()
        written = list(self._script(self._tokenizer.decode(prompt)).encode()) + list(self._tokenizer.eos)
        return [
            self._logprob if list(continuation[: n + 1]) == written[: n + 1] else -10.0
            for n in range(len(continuation))
        ]


def _interrupted(cancel: CancelToken, deadline: float | None) -> Finish | None:
    if cancel.cancelled:
        return "cancelled"
    return "deadline" if deadline is not None and time.monotonic() >= deadline else None


def _longest_suffix(script: Mapping[str, str]) -> Callable[[str], str]:
    def continuation(prompt: str) -> str:
        keys = [key for key in script if prompt.endswith(key)]
        return script[max(keys, key=len)] if keys else ""

    return continuation
