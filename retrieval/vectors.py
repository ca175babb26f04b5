"""Vectors as they are stored: four bits for a component, two components in a byte.

The sixteen levels lie around zero without meeting it, so that what is stored has the signs that it had.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.int8]
_STEP = 16


def pack(vectors: Vectors) -> npt.NDArray[np.uint8]:
    """(n, dims) signed bytes as (n, dims / 2) bytes, the first of two components in the upper half."""
    levels = (vectors.astype(np.int16) // _STEP + 8).astype(np.uint8)
    return np.asarray(levels[:, ::2] << 4 | levels[:, 1::2], np.uint8)


def unpack(data: bytes, dims: int) -> Vectors:
    """What is left of the vectors of `pack`, (n, dims): each component in the middle of its level."""
    packed = np.frombuffer(data, np.uint8).reshape(-1, dims // 2)
    levels = np.stack([packed >> 4, packed & 15], axis=2).reshape(len(packed), dims)
    return np.asarray((levels.astype(np.int16) - 8) * _STEP + _STEP // 2, np.int8)


def signs(vectors: Vectors) -> bytes:
    """One bit for each component, set where it is not negative: (n, dims / 8) bytes."""
    return np.packbits(vectors >= 0, axis=1).tobytes()
