"""Eight-bit weights: per output channel, or in blocks along the input. Round to nearest, symmetric."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.gguf_file import Floats

BLOCK = 32  # the block length of GGUF's Q8_0, so that such matrices lose nothing


def by_channel(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """`[out, in]` to int8 `[out, in]` in -127..127 and one scale for each row."""
    scale = _nonzero(np.maximum(matrix.max(axis=1), -matrix.min(axis=1)) / np.float32(127))
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale


def by_block(matrix: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:
    """`[out, in]` to uint8 `[out, blocks, BLOCK]` around 128 and scales `[out, blocks]`.

    `in` must be a multiple of BLOCK. The layout is that of onnxruntime's MatMulNBits.
    """
    blocks = matrix.reshape(matrix.shape[0], -1, BLOCK)
    scale = _nonzero(np.maximum(blocks.max(axis=2), -blocks.min(axis=2)) / np.float32(127))
    # In place: the embedding is by far the largest matrix.
    scaled = blocks / scale[..., None]
    np.rint(scaled, out=scaled)
    scaled += 128
    return scaled.astype(np.uint8), scale


def _nonzero(scale: Floats) -> Floats:
    return np.where(scale == 0, np.float32(1), scale).astype(np.float32)
