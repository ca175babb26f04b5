"""A language model's weights under one set of names, whatever file they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.architecture import Architecture
from engine.gguf_file import Floats, GgufError, GgufFile


@dataclass(frozen=True)
class Layer:
    """One layer; matrices are `[out, in]`, and query and key rows are laid out for half-split rotary."""

    attention_norm: Floats
    qkv: Floats
    qkv_bias: Floats | None
    out: Floats
    mlp_norm: Floats
    gate_up: Floats
    down: Floats


class Weights(Protocol):
    """Weights that arrive one layer at a time, so that a conversion never holds a whole model."""

    architecture: Architecture

    def embedding(self) -> Floats:
        """Token embedding `[vocab, width]`, which is the output matrix too."""

    def final_norm(self) -> Floats:
        """Scale of the last norm `[width]`."""

    def layer(self, index: int) -> Layer:
        """Weights of one layer, counted from the input."""


class GgufWeights:
    """Weights of a GGUF file of the `llama` or `qwen2` architecture."""

    def __init__(self, file: GgufFile, kept: npt.NDArray[np.intp] | None = None) -> None:
        """`kept`: ids of the tokens to keep, ascending; None keeps the whole vocabulary."""
        self._file = file
        self._kept = kept
        self._kind = file.value("general.architecture", str)
        if self._kind not in ("llama", "qwen2"):
            raise GgufError(f"{file.path} holds a {self._kind!r} model; Tacit reads llama and qwen2")
        # Where input and output are tied in the original, the output matrix is the finer quantised copy.
        self._embedding = "output.weight" if "output.weight" in file else "token_embd.weight"
        self.architecture = self._read_architecture()

    def embedding(self) -> Floats:
        """Token embedding `[vocab, width]` of the kept tokens."""
        return self._file.tensor(self._embedding, self._kept)

    def final_norm(self) -> Floats:
        """Scale of the last norm `[width]`."""
        return self._file.tensor("output_norm.weight")

    def layer(self, index: int) -> Layer:
        """Weights of one layer, dequantised now."""

        def tensor(name: str) -> Floats:
            return self._file.tensor(f"blk.{index}.{name}")

        shape = self.architecture
        query, key = tensor("attn_q.weight"), tensor("attn_k.weight")
        if self._kind == "llama":
            query, key = _half_split(query, shape.heads), _half_split(key, shape.kv_heads)
        bias = None
        if f"blk.{index}.attn_q.bias" in self._file:
            bias = np.concatenate([tensor(f"attn_{part}.bias") for part in "qkv"])
        return Layer(
            attention_norm=tensor("attn_norm.weight"),
            qkv=np.concatenate([query, key, tensor("attn_v.weight")]),
            qkv_bias=bias,
            out=tensor("attn_output.weight"),
            mlp_norm=tensor("ffn_norm.weight"),
            gate_up=np.concatenate([tensor("ffn_gate.weight"), tensor("ffn_up.weight")]),
            down=tensor("ffn_down.weight"),
        )

    def _read_architecture(self) -> Architecture:
        def number(key: str) -> int:
            return self._file.value(f"{self._kind}.{key}", int)

        heads, width = number("attention.head_count"), number("embedding_length")
        return Architecture(
            vocab=self._file.rows(self._embedding) if self._kept is None else len(self._kept),
            width=width,
            layers=number("block_count"),
            heads=heads,
            kv_heads=number("attention.head_count_kv"),
            head_dim=self._file.get(f"{self._kind}.attention.key_length", width // heads),
            ffn=number("feed_forward_length"),
            context=number("context_length"),
            rope_theta=self._file.value(f"{self._kind}.rope.freq_base", float),
            eps=self._file.value(f"{self._kind}.attention.layer_norm_rms_epsilon", float),
        )


class RandomWeights:
    """Small random weights of a given shape: for tests, and to measure a machine without a download."""

    def __init__(self, architecture: Architecture, seed: int = 0, bias: bool = False) -> None:
        self.architecture = architecture
        self._seed = seed
        self._bias = bias

    def embedding(self) -> Floats:
        """Token embedding `[vocab, width]`."""
        return self.matrix(0, self.architecture.vocab, self.architecture.width)

    def final_norm(self) -> Floats:
        """Ones `[width]`."""
        return np.ones(self.architecture.width, np.float32)

    def layer(self, index: int) -> Layer:
        """The same numbers for the same seed and index."""
        shape, seed = self.architecture, 8 * (index + 1)
        inner, packed = shape.heads * shape.head_dim, (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        return Layer(
            attention_norm=self.final_norm(),
            qkv=self.matrix(seed, packed, shape.width),
            qkv_bias=self.matrix(seed + 1, 1, packed)[0] if self._bias else None,
            out=self.matrix(seed + 2, shape.width, inner),
            mlp_norm=self.final_norm(),
            gate_up=self.matrix(seed + 3, 2 * shape.ffn, shape.width),
            down=self.matrix(seed + 4, shape.width, shape.ffn),
        )

    def matrix(self, salt: int, rows: int, columns: int) -> Floats:
        """Numbers `[rows, columns]`, others for each `salt`."""
        generator = np.random.default_rng((self._seed, salt))
        return generator.standard_normal((rows, columns), dtype=np.float32) * np.float32(columns**-0.5)


def _half_split(matrix: Floats, heads: int) -> Floats:
    """Undo llama.cpp's row order, which pairs neighbours for rotary, back to first half and second half."""
    rows, columns = matrix.shape
    pairs = matrix.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))
