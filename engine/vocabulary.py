"""A BPE vocabulary, and how to cut one down without making anything unwritable.

A cut is a file of three parts: the line `tacit vocabulary 1`, the number of tokens of the whole vocabulary
as a little-endian uint32, and a zlib-compressed bitmap, highest bit first, of the tokens that are kept.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.gguf_file import GgufError, GgufFile
from engine.tokenizer import PRE_TOKENIZERS, BpeTokenizer, byte_level_bpe

Kept = npt.NDArray[np.intp]

_MAGIC = b"tacit vocabulary 1\n"
_CONTROL = 3  # GGUF's token type for control tokens
_UNUSED = 5


class VocabularyError(ValueError):
    """The file of kept tokens is damaged, or belongs to another vocabulary."""


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by id, in the byte-level alphabet, and the merges in order of priority."""

    tokens: list[str]
    merges: list[tuple[str, str]]
    control: frozenset[int]
    unused: frozenset[int]
    pre_tokenizer: str

    @classmethod
    def from_gguf(cls, file: GgufFile) -> Vocabulary:
        """Read the tokenizer's part of a model file; raises GgufError for kinds that we do not know."""
        kind = file.value("tokenizer.ggml.model", str)
        pre_tokenizer = file.value("tokenizer.ggml.pre", str)
        if kind != "gpt2" or pre_tokenizer not in PRE_TOKENIZERS:
            raise GgufError(f"{file.path} has a {kind}/{pre_tokenizer} tokenizer, which Tacit does not know")
        types = np.array(file.value("tokenizer.ggml.token_type", list))
        pairs = (merge.partition(" ") for merge in file.value("tokenizer.ggml.merges", list))
        return cls(
            tokens=file.value("tokenizer.ggml.tokens", list),
            merges=[(left, right) for left, _, right in pairs],
            control=frozenset(np.flatnonzero(types == _CONTROL).tolist()),
            unused=frozenset(np.flatnonzero(types == _UNUSED).tolist()),
            pre_tokenizer=pre_tokenizer,
        )

    def special(self) -> dict[str, int]:
        """Control tokens by name."""
        return {self.tokens[token]: token for token in sorted(self.control)}

    def tokenizer(self) -> BpeTokenizer:
        """The encoder and decoder of this vocabulary."""
        return BpeTokenizer(byte_level_bpe(self.tokens, self.merges, self.pre_tokenizer), self.special())

    def parents(self) -> dict[int, tuple[int, int]]:
        """For each merged token the two that it is made of."""
        ids = {token: i for i, token in enumerate(self.tokens)}
        return {ids[left + right]: (ids[left], ids[right]) for left, right in self.merges}

    def cut(self, kept: Kept) -> Vocabulary:
        """The same vocabulary with the kept tokens alone, renumbered 0..n-1 in ascending order.

        `kept` must be closed under merges, as `close` makes it: then each lost token is written as its parts.
        """
        new = {int(old): i for i, old in enumerate(kept)}
        tokens = [self.tokens[old] for old in kept]
        known = set(tokens)
        return Vocabulary(
            tokens=tokens,
            merges=[(a, b) for a, b in self.merges if a in known and b in known and a + b in known],
            control=frozenset(new[token] for token in self.control if token in new),
            unused=frozenset(new[token] for token in self.unused if token in new),
            pre_tokenizer=self.pre_tokenizer,
        )

    def close(self, counts: npt.NDArray[np.int64], size: int) -> Kept:
        """Choose `size` tokens: all bytes and control tokens, then the most frequent merged ones.

        `counts` says how often each token occurs in the text that the cut is meant for. A token is counted
        for its parts as well, because without it they would be written; so a part never ranks below its
        whole, and the choice is closed under merges.
        """
        parents = self.parents()
        weight = counts.astype(np.int64).copy()
        # Merges are listed after those they build on: walking back hands each count on to all parts below.
        for whole in sorted(parents, reverse=True):
            for part in parents[whole]:
                weight[part] += weight[whole]
        optional = np.array(sorted(parents), np.intp)
        required = np.setdiff1d(np.arange(len(self.tokens)), [*parents, *self.unused])
        ranked = optional[np.lexsort((optional, -weight[optional]))]
        return np.sort(np.concatenate([required, ranked[: size - len(required)]])).astype(np.intp)


def write_kept(path: Path, kept: Kept, whole: int) -> None:
    """Write the ids to keep out of a vocabulary of `whole` tokens, in the form told above."""
    bitmap = np.zeros(whole, bool)
    bitmap[kept] = True
    path.write_bytes(_MAGIC + struct.pack("<I", whole) + zlib.compress(np.packbits(bitmap).tobytes(), 9))


def read_kept(path: Path, whole: int) -> Kept:
    """Ids to keep, ascending, of a vocabulary of `whole` tokens.

    Raises VocabularyError when the file is damaged or was made for another vocabulary.
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise VocabularyError(f"{path} is not a file of kept tokens")
    try:
        (count,) = struct.unpack_from("<I", data, len(_MAGIC))
        packed = np.frombuffer(zlib.decompress(data[len(_MAGIC) + 4 :]), np.uint8)
    except (struct.error, zlib.error) as error:
        raise VocabularyError(f"{path} is damaged: {error}") from error
    if count != whole:
        raise VocabularyError(f"{path} is for a vocabulary of {count} tokens, not of {whole}")
    return np.flatnonzero(np.unpackbits(packed, count=whole))
