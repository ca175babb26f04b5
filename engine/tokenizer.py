"""Byte-level BPE, an `engine.model.Tokenizer`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from engine.model import FimTokens

Ids = npt.NDArray[np.int64]


class BpeTokenizer:
    """A byte-level BPE vocabulary: see `engine.model.Tokenizer`."""

    def __init__(self, bpe: tokenizers.Tokenizer, special: Mapping[str, int]) -> None:
        """`special`: control tokens by name; their names in a text are encoded as plain text."""
        self._bpe = bpe
        self._special = dict(special)
        self.vocab_size = bpe.get_vocab_size()
        # A model that writes any control token has finished what it was asked for.
        self.eos = frozenset(special.values())
        self.fim = _fim(special)

    @classmethod
    def load(cls, path: Path, special: Mapping[str, int]) -> BpeTokenizer:
        """Read a `tokenizer.json` that `save` has written."""
        return cls(tokenizers.Tokenizer.from_file(str(path)), special)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`; the names of control tokens are kept elsewhere, in the model's card."""
        self._bpe.save(str(path), pretty=False)

    def build_tables(self) -> None:
        """Build what the other methods build when they are first called. Takes a tenth of a second."""
        _ = self._sorted

    def encode(self, text: str) -> list[int]:
        """Ids of `text`.

        A lone surrogate, which no file can hold, counts as U+FFFD. Bytes that the vocabulary lacks are left
        out: SmolLM2 has none for six control characters and for U+40000 to U+BFFFF, which nothing uses yet.
        """
        try:
            return self._bpe.encode(text, add_special_tokens=False).ids
        except TypeError:  # its word for a str that has no UTF-8
            paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return self._bpe.encode(paired, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids`; control tokens have none, and a torn character shows as U+FFFD."""
        return b"".join(map(self._bytes.__getitem__, ids)).decode("utf-8", "replace")

    def token_bytes(self, token: int) -> bytes:
        """UTF-8 bytes that `token` stands for: possibly part of a character, empty for control tokens."""
        return self._bytes[token]

    def special(self, name: str) -> int | None:
        """Id of the control token `name`, such as `<|endoftext|>`."""
        return self._special.get(name)

    def starting_with(self, prefix: bytes) -> Ids:
        """Ids whose bytes start with `prefix`, or are a non-empty beginning of it; ascending.

        These are the tokens that can come first when decoding must begin by writing `prefix`.
        """
        table, ids = self._sorted
        first = bisect_left(table, prefix)
        # No token holds 0xFF after the prefix as text, but raw byte tokens do: hence the successor.
        after = _successor(prefix)
        last = len(table) if after is None else bisect_left(table, after, first)
        shorter = [
            self._by_bytes[part] for end in range(1, len(prefix)) if (part := prefix[:end]) in self._by_bytes
        ]
        return np.sort(np.concatenate([ids[first:last], np.array(shorter, np.int64)]))

    @cached_property
    def _bytes(self) -> list[bytes]:
        table = [b""] * self.vocab_size
        control = set(self._special.values())
        for spelling, token in self._bpe.get_vocab().items():
            if token not in control:
                table[token] = bytes(_BYTE_OF[char] for char in spelling)
        return table

    @cached_property
    def _by_bytes(self) -> dict[bytes, int]:
        return {value: token for token, value in enumerate(self._bytes) if value}

    @cached_property
    def _sorted(self) -> tuple[list[bytes], Ids]:
        table = sorted(self._by_bytes.items())
        return [value for value, _ in table], np.array([token for _, token in table], np.int64)


def byte_level_bpe(
    tokens: Sequence[str], merges: Iterable[tuple[str, str]], kind: str
) -> tokenizers.Tokenizer:
    """Build the encoder. `kind` is GGUF's `tokenizer.ggml.pre`; raises KeyError for one we do not know."""
    model = models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=list(merges))
    bpe = tokenizers.Tokenizer(model)
    splits = [
        pre_tokenizers.Split(tokenizers.Regex(pattern), behavior="isolated")
        for pattern in PRE_TOKENIZERS[kind]
    ]
    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([*splits, bytewise])
    bpe.decoder = decoders.ByteLevel()
    return bpe


_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# The patterns that a text is cut by before merging, in order, as the models were trained.
PRE_TOKENIZERS: Mapping[str, tuple[str, ...]] = {
    "qwen2": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    "smollm": (r"\p{N}", _GPT2),
}

_FIM_NAMES = (
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>"),
)


def _fim(special: Mapping[str, int]) -> FimTokens | None:
    for prefix, suffix, middle, repo, file in _FIM_NAMES:
        if prefix in special and suffix in special and middle in special:
            return FimTokens(
                special[prefix], special[suffix], special[middle], special.get(repo), special.get(file)
            )
    return None


def _successor(prefix: bytes) -> bytes | None:
    """The least byte string above all that start with `prefix`; None when there is none."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's spelling of bytes: printable ones stand for themselves, others from U+0100 on."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = (byte for byte in range(256) if byte not in printable)
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


_BYTE_OF = _byte_alphabet()
