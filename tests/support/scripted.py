"""A language model that reads from a script: for tests of everything around the model.

    model = ScriptedModel({"def add(a, b):\\n    return ": "a + b\\n"})
    model = ScriptedModel(lambda prompt: "pass\\n" if prompt.endswith(":\\n    ") else "")

Its tokens are bytes, plus the control tokens `CONTROL`, which show in the prompt text by their names.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from tokenizers.pre_tokenizers import ByteLevel

from engine.cancel import NEVER, CancelToken
from engine.drafts import Drafter
from engine.model import Finish, Generation, Usage, never
from engine.tokenizer import BpeTokenizer, byte_level_bpe

CONTROL: Final = (
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|endoftext|>",
)


def byte_tokenizer(*, fim: bool = True) -> BpeTokenizer:
    """Return a real tokenizer whose tokens are the 256 bytes and the control tokens."""
    tokens = sorted(ByteLevel.alphabet())
    control = CONTROL if fim else CONTROL[3:]
    special = {name: 256 + n for n, name in enumerate(control)}
    return BpeTokenizer(byte_level_bpe([*tokens, *control], [], "smollm"), special)


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
        trained_for: Collection[str] = (),
    ) -> None:
        self._script = script if callable(script) else longest_suffix(script)
        self._names = {256 + n: name for n, name in enumerate(CONTROL if fim else CONTROL[3:])}
        self._logprob = logprob
        self._before_token = before_token
        self._live: list[int] = []
        self.tokenizer = byte_tokenizer(fim=fim)
        self.context = context
        self.trained_for = trained_for
        self.prompts: list[str] = []

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
        output = self.tokenizer.encode(heal + self._script(self.prompts[-1] + heal))
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
                text += decoder.decode(self.tokenizer.token_bytes(tokens[-1]))
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
        self.prompts.append(self._text(prompt))
        common = 0
        while common < min(len(prompt) - 1, len(self._live)) and prompt[common] == self._live[common]:
            common += 1
        self._live = list(prompt)
        return Usage(prompt_tokens=len(prompt), cached_tokens=common, passes=1)

    def score(
        self, prompt: Sequence[int], continuation: Sequence[int], *, cancel: CancelToken = NEVER
    ) -> list[float]:
        cancel.check()
        written = [*self.tokenizer.encode(self._script(self._text(prompt))), *self.tokenizer.eos]
        return [
            self._logprob if list(continuation[: n + 1]) == written[: n + 1] else -10.0
            for n in range(len(continuation))
        ]

    def _text(self, ids: Sequence[int]) -> str:
        parts = (self._names[i].encode() if i in self._names else self.tokenizer.token_bytes(i) for i in ids)
        return b"".join(parts).decode(errors="replace")


def _interrupted(cancel: CancelToken, deadline: float | None) -> Finish | None:
    if cancel.cancelled:
        return "cancelled"
    return "deadline" if deadline is not None and time.monotonic() >= deadline else None


def longest_suffix(script: Mapping[str, str]) -> Callable[[str], str]:
    """What follows a text: the value of the longest key that it ends with."""

    def continuation(prompt: str) -> str:
        keys = [key for key in script if prompt.endswith(key)]
        return script[max(keys, key=len)] if keys else ""

    return continuation
