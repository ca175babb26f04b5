"""A forward pass in plain numpy, one layer at a time, beside a conversion that holds each layer anyway.

It says what a model's logits are when no kernel has cut a corner, so that engine.agreement can tell whether
the kernels of some machine do.
"""

from __future__ import annotations

import numpy as np

from engine.architecture import Architecture
from engine.gguf_file import Floats
from engine.weights import Layer


class ReferencePass:
    """Carries one sequence through the layers, in single precision and without a cache."""

    def __init__(self, shape: Architecture, embedded: Floats) -> None:
        """`embedded`: rows `[length, width]` of the embedding, one for each token."""
        self._shape = shape
        self._x = embedded
        self._turn = _rotations(shape, len(embedded))

    def layer(self, layer: Layer) -> None:
        """Go through the next layer."""
        qkv = self._norm(layer.attention_norm) @ layer.qkv.T
        if layer.qkv_bias is not None:
            qkv += layer.qkv_bias
        self._x = self._x + self._attention(qkv) @ layer.out.T
        gate, up = np.split(self._norm(layer.mlp_norm) @ layer.gate_up.T, 2, axis=1)
        self._x = self._x + (gate / (1 + np.exp(-gate)) * up) @ layer.down.T

    def logits(self, final_norm: Floats, embedding: Floats) -> Floats:
        """Logits `[length, vocab]` after the last layer."""
        logits: Floats = self._norm(final_norm) @ embedding.T
        return logits

    def _norm(self, scale: Floats) -> Floats:
        mean_square = np.square(self._x).mean(axis=1, keepdims=True)
        normed: Floats = self._x / np.sqrt(mean_square + np.float32(self._shape.eps)) * scale
        return normed

    def _attention(self, qkv: Floats) -> Floats:
        """`[length, (heads + 2 * kv_heads) * head_dim]` to `[length, heads * head_dim]`."""
        shape, length = self._shape, len(qkv)
        parts = qkv.reshape(length, -1, shape.head_dim).swapaxes(0, 1)
        queries, keys, values = np.split(parts, [shape.heads, shape.heads + shape.kv_heads])
        group = shape.heads // shape.kv_heads
        keys = np.repeat(self._rotated(keys), group, axis=0)
        scores = self._rotated(queries) @ keys.swapaxes(1, 2) * np.float32(shape.head_dim**-0.5)
        scores += np.triu(np.full((length, length), -np.inf, np.float32), 1)
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        mixed = weights @ np.repeat(values, group, axis=0)
        return np.ascontiguousarray(mixed.swapaxes(0, 1)).reshape(length, -1)

    def _rotated(self, heads: Floats) -> Floats:
        first, second = np.split(heads, 2, axis=2)
        cos, sin = self._turn
        return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=2)


def _rotations(shape: Architecture, length: int) -> tuple[Floats, Floats]:
    frequencies = shape.rope_theta ** -(np.arange(0, shape.head_dim, 2) / shape.head_dim)
    angles = np.outer(np.arange(length), frequencies)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
