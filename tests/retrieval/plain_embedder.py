"""An embedding for tests that need vectors but no model: hashed words, no training, no files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

from retrieval.chunk import Chunk
from retrieval.tokens import terms


class HashedWords:
    """Each word is a random direction, the same in every process."""

    model_id = "hashed-words"
    dims = 64

    def __init__(self) -> None:
        self.embedded = 0

    def chunks(self, chunks: Sequence[Chunk]) -> npt.NDArray[np.int8]:
        self.embedded += len(chunks)
        return np.array([np.clip(self.query(c.text) * 127, -127, 127) for c in chunks], np.int8)

    def query(self, text: str) -> npt.NDArray[np.float32]:
        total = np.full(self.dims, 1e-6, np.float32)
        for word in terms(text):
            total += np.random.default_rng(xxhash.xxh32_intdigest(word.encode())).standard_normal(self.dims)
        return np.asarray(total / np.linalg.norm(total), np.float32)
