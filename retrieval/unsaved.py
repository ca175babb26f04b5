"""Documents as the editor has them, searched instead of what the index knows of their files.

They are few, so they are not written anywhere: each of their chunks is judged in memory, by the same scores
that the index gives (FTS5's BM25 among them), and takes part in the search as if it were in it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import apsw
import numpy as np
import numpy.typing as npt

from retrieval.batch import fields
from retrieval.chunk import Chunk, chunk_file
from retrieval.parsing import without_secrets
from retrieval.schema import PADDING, Embedder
from retrieval.symbols import Wanted, initials
from retrieval.vectors import pack, unpack
from text.content import unwanted

K1, B = 1.2, 0.75  # as FTS5 has them


class Judged(NamedTuple):
    """A chunk and what its words, its vector and its name say to a question."""

    path: str
    chunk: Chunk
    words: float
    vector: npt.NDArray[np.int8]
    symbol: float


class _Known(NamedTuple):
    chunk: Chunk
    terms: tuple[Counter[str], ...]  # of each field
    vector: npt.NDArray[np.int8]


class Unsaved:
    """Some documents of one workspace folder, by their paths in it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._documents: dict[str, list[_Known]] = {}

    @property
    def paths(self) -> set[str]:
        """What is not to be taken from the index."""
        return set(self._documents)

    def put(self, path: str, text: str) -> None:
        """This is the document's text; what is not worth searching, or may hold secrets, has no chunks."""
        data = text.encode("utf-8", "replace")
        chunks = [] if unwanted(path, data) else without_secrets(chunk_file(path, text), text)
        vectors = self._embedder.chunks(chunks)
        self._documents[path] = [
            _Known(chunk, tuple(Counter(field.split()) for field in fields(chunk)), vector)
            for chunk, vector in zip(
                chunks, unpack(pack(vectors).tobytes(), self._embedder.dims), strict=True
            )
        ]

    def drop(self, path: str) -> None:
        """The index has it again."""
        self._documents.pop(path, None)

    def chunks(self, path: str) -> list[Chunk]:
        """Those of one document, in order."""
        return [known.chunk for known in self._documents[path]]

    def judge(
        self, rarity: Mapping[str, float], weights: Sequence[float], usual_length: float, wanted: Wanted
    ) -> Iterator[Judged]:
        """All chunks. `rarity` of the terms asked for, `weights` of the fields."""
        for path, chunks in self._documents.items():
            for chunk, terms, vector in chunks:
                words = _bm25(terms, rarity, weights, usual_length)
                name = wanted.rate(chunk.name.lower(), initials(chunk.name)) if chunk.name else 0.0
                yield Judged(path, chunk, words, vector, name)


def usual_length(connection: apsw.Connection) -> float:
    """Terms in a row of `words`, on the average.

    FTS5 keeps rows and terms of each column as varints in the first record of its data.
    """
    record = connection.execute("select block from words_data where id = 1").get
    rows, *lengths = _varints(record or b"") or [0]
    return max(sum(lengths) / max(rows, 1), 1.0)


def _bm25(
    terms: Sequence[Counter[str]], rarity: Mapping[str, float], weights: Sequence[float], usual: float
) -> float:
    length = PADDING + sum(map(Counter.total, terms))
    norm = K1 * (1 - B + B * length / usual)
    score = 0.0
    for term, rare in rarity.items():
        count = sum(weight * field[term] for weight, field in zip(weights, terms, strict=False))
        score += rare * count * (K1 + 1) / (count + norm)
    return score if math.isfinite(score) else 0.0


def _varints(data: bytes) -> list[int]:
    """SQLite's: seven bits a byte, the highest first, the last byte without its eighth bit."""
    found, value = [], 0
    for byte in data:
        value = value << 7 | byte & 127
        if byte < 128:
            found.append(value)
            value = 0
    return found
