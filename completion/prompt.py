"""What every prompt version takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Encoder(Protocol):
    """The part of `engine.model.Tokenizer` that prompts need."""

    def encode(self, text: str) -> list[int]:
        """Return the tokens of plain text; control tokens are never read out of it."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """Return the bytes that a token stands for."""
        ...

    def special(self, name: str) -> int | None:
        """Return the control token of that name, None if the model has none."""
        ...


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of another file, or of another place in this one, that may help."""

    path: str
    text: str
    score: float = 0.0
    line: int = 0


@dataclass(frozen=True, slots=True)
class PromptInputs:
    """The raw material of a prompt, in the document's own text but with `\\n` line ends.

    `head` + `tail` is the text before the cursor; `head` is the part that stays as it is while the user types
    near the cursor. It ends where a line begins (or is empty).
    """

    path: str
    head: str
    tail: str
    suffix: str
    excerpts: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """Tokens for the model, the text its output must start with, and where both came from."""

    version: str
    tokens: tuple[int, ...]
    heal: str
    inputs: PromptInputs


def announced(path: str, text: str, mark: int | None, encoder: Encoder) -> list[int]:
    """Return the tokens of a file, or of a part of one, under its name; `mark` is what names begin with."""
    if mark is None:
        return encoder.encode(f"# {path}\n{text}")
    return [mark, *encoder.encode(f"{path}\n"), *encoder.encode(text)]


def shared(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two prompts share at their start: what a prefix cache spares."""
    length = min(len(first), len(second))
    if first[:length] == second[:length]:
        return length
    return next(index for index in range(length) if first[index] != second[index])
