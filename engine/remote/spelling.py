"""Text as tokens for a model whose vocabulary is not here: a token is its own bytes.

The completions protocol takes text and gives text, and knows a model by a name only. So a text is cut where
byte-pair tokenizers mostly cut (budgets are counted in such pieces), and a piece's id is the number that its
bytes spell; the few that are longer than a number are several. Nothing has to be looked up, kept or fetched.
Control tokens are negative, and are spelled by their names when a prompt is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import msgspec

from engine.model import FimTokens
from engine.remote import Format

_PIECE: Final = re.compile(
    r" ?[^\W\d_]{1,6}|\d| ?(?:[^\w\s]|_){1,4}|[^\S\n]*\n|[^\S\n]{1,16}(?=[^\S\n]\S)|[^\S\n]{1,16}|.",
    re.DOTALL,
)
_LONGEST: Final = 7  # bytes of a token, so that arrays of 64 bits hold it
# Which no text may spell: such as `<|endoftext|>`.
_CONTROL: Final = re.compile(r"<(?=[|\uff5c][\w▁]{1,40}[|\uff5c]>|/?s>|[be]os>|(?:fim_|file|repo)\w{0,20}>)")


class _Names(msgspec.Struct, frozen=True):
    """How a family of models calls its control tokens; `ends` are those that only say that it has ended."""

    prefix: str = ""
    suffix: str = ""
    middle: str = ""
    file: str = ""
    ends: tuple[str, ...] = ("<|endoftext|>",)


FORMATS: Final = {
    "qwen": _Names(
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        "<|file_sep|>",
        ("<|endoftext|>", "<|repo_name|>", "<|fim_pad|>", "<|im_end|>"),
    ),
    "starcoder": _Names(
        "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", ("<|endoftext|>", "<fim_pad>")
    ),
    "deepseek": _Names(
        "<\uff5cfim▁begin\uff5c>",
        "<\uff5cfim▁hole\uff5c>",
        "<\uff5cfim▁end\uff5c>",
        ends=("<\uff5cend▁of▁sentence\uff5c>",),
    ),
    "codegemma": _Names(
        "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>", ("<eos>",)
    ),
    "plain": _Names(),
}
_FAMILIES: Final[tuple[tuple[str, Format], ...]] = (
    ("qwen", "qwen"),
    ("starcoder", "starcoder"),
    ("granite", "starcoder"),
    ("stable-code", "starcoder"),
    ("deepseek", "deepseek"),
    ("codegemma", "codegemma"),
)


def format_of(model: str) -> Format:
    """The format that a model of this name was trained on, as far as names tell; else plain."""
    name = model.lower()
    return next((format for part, format in _FAMILIES if part in name), "plain")


class Spelling:
    """See `engine.model.Tokenizer`."""

    def __init__(self, format: Format) -> None:
        names = FORMATS[format]
        marks = [names.prefix, names.suffix, names.middle, names.file, *names.ends]
        self._names = {-n: name for n, name in enumerate(marks, start=1) if name}
        self._special = {name: token for token, name in self._names.items()}
        self._cut = re.compile("|".join(map(re.escape, self._special)))
        self.eos = frozenset(self._names)
        file = self._special.get(names.file)
        self.fim = FimTokens(-1, -2, -3, file=file) if names.prefix else None
        self.stops = [*names.ends[:1], *[name for name in (names.file, *names.ends[1:]) if name]][:4]
        """What a server is told to end at; four are allowed."""

    def encode(self, text: str) -> list[int]:
        """See `Tokenizer.encode`."""
        return [token for piece in _PIECE.findall(text) for token in tokens_of(piece)]

    def decode(self, ids: Iterable[int]) -> str:
        """See `Tokenizer.decode`."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", "replace")

    def token_bytes(self, token: int) -> bytes:
        """See `Tokenizer.token_bytes`."""
        return token.to_bytes((token.bit_length() + 7) // 8, "big")[1:] if token > 0 else b""

    def special(self, name: str) -> int | None:
        """See `Tokenizer.special`."""
        return self._special.get(name)

    def spelled(self, tokens: Sequence[int]) -> str:
        """A prompt as it is sent: whatever a text holds, only control tokens are spelled as such."""
        parts: list[str] = []
        for controls, group in groupby(tokens, key=lambda token: token < 0):
            run = list(group)
            parts += [self._names[token] for token in run] if controls else [self._harmless(run)]
        return "".join(parts)

    def _harmless(self, run: Sequence[int]) -> str:
        return _CONTROL.sub("< ", self.decode(run))

    def before_control(self, text: str) -> str | None:
        """What a model wrote before it wrote a control token; None where it has written none."""
        found = self._cut.search(text)
        return text[: found.start()] if found else None


def tokens_of(piece: str) -> list[int]:
    """The ids of any text: one, where it is short enough."""
    written = piece.encode("utf-8", "replace")
    parts = [written[start : start + _LONGEST] for start in range(0, len(written), _LONGEST)]
    return [int.from_bytes(b"\x01" + part, "big") for part in parts]
