"""Texts as vectors: the sum of learned directions of their terms. No model to run, only a table to add up.

The table ships as models/code_embedding/table.npz, which training/static_embedding.py made:

    terms     the terms that it knows, joined by line ends, as bytes of UTF-8
    vectors   (terms, dims) signed bytes, and `scales` (terms), which they are to be multiplied by
    weights   (3, terms): what a term weighs in a question, a name, a body

and manifest.json beside it names its hash, its licence and what it was made of.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.paths import manifest_dir
from retrieval.tokens import terms

if TYPE_CHECKING:
    from retrieval.chunk import Chunk

QUERY, NAME, BODY = range(3)  # roles of a text; rows of `weights`
MOST_TERMS = 160  # of a body

Floats = npt.NDArray[np.float32]
Bag = Mapping[str, float]


class EmbeddingManifest(msgspec.Struct, frozen=True):
    """What is known of the table."""

    name: str
    sha256: str
    licence: str
    origin: str
    notice: str


class StaticEmbedding:
    """The table. `dims` is a multiple of 64."""

    def __init__(self, model_id: str, arrays: Mapping[str, Any]) -> None:
        self.model_id = model_id
        self._rows = {term: row for row, term in enumerate(bytes(arrays["terms"]).decode().split("\n"))}
        self._vectors: npt.NDArray[np.int8] = arrays["vectors"]
        self._factors: Floats = np.asarray(arrays["weights"], np.float32) * arrays["scales"]
        self.dims = int(self._vectors.shape[1])

    @classmethod
    def load(cls, folder: Path | None = None) -> StaticEmbedding:
        """The one that ships with Tacit, or another; raises OSError where it is not there."""
        folder = folder or manifest_dir() / "code_embedding"
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=EmbeddingManifest)
        with np.load(folder / "table.npz") as file:
            return cls(f"{manifest.name}-{manifest.sha256[:12]}", dict(file))

    def chunks(self, chunks: Sequence[Chunk]) -> npt.NDArray[np.int8]:
        """One vector for each chunk, (n, dims), scaled to the range of a byte."""
        bags = [chunk_bag(chunk.context or chunk.name, chunk.text) for chunk in chunks]
        return to_bytes(self._embed([[(name, NAME), (body, BODY)] for name, body in bags]))

    def query(self, text: str) -> Floats:
        """The unit vector of a question, (dims,); zero where no term is known."""
        return np.asarray(self._embed([[(query_bag(text), QUERY)]])[0])

    def _embed(self, texts: Sequence[Sequence[tuple[Bag, int]]]) -> Floats:
        rows, factors, starts = list[int](), list[float](), list[int]()
        for text in texts:
            starts.append(len(rows))
            for bag, role in text:
                weights = self._factors[role]
                for term, count in bag.items():
                    row = self._rows.get(term)
                    if row is not None:
                        rows.append(row)
                        factors.append(weights[row] * count)
            if starts[-1] == len(rows):  # nothing known: a zero keeps the sums apart
                rows.append(0)
                factors.append(0.0)
        if not starts:
            return np.empty((0, self.dims), np.float32)
        weighted = self._vectors[rows] * np.array(factors, np.float32)[:, None]
        summed = np.add.reduceat(weighted, starts, axis=0)
        return np.asarray(
            summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12), np.float32
        )


def to_bytes(vectors: Floats) -> npt.NDArray[np.int8]:
    """Directions in signed bytes, the largest component of each being 127 or -127."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    return np.asarray(np.rint(vectors * (127 / largest)), np.int8)


def query_bag(text: str) -> dict[str, float]:
    """The terms of a question, each with how much its count weighs."""
    return _damped(Counter(terms(text)))


def chunk_bag(name: str, text: str) -> tuple[Bag, dict[str, float]]:
    """The terms of a chunk's qualified name, and of its text, whose sum is shortened to a usual length."""
    body = Counter(dict(Counter(terms(text)).most_common(MOST_TERMS)))
    shorter = 1 / math.sqrt(1 + sum(map(math.log1p, body.values())))
    return _name_bag(name), {term: value * shorter for term, value in _damped(body).items()}


@lru_cache(maxsize=1 << 16)
def _name_bag(name: str) -> Bag:
    return _damped(Counter(terms(name)))


def _damped(counts: Counter[str]) -> dict[str, float]:
    return {term: math.log1p(count) for term, count in counts.items()}
