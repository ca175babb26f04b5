"""A plain numpy forward pass of llama and qwen2 models, straight from a GGUF file.

It follows the definition of the models, whole sequences in single precision, and shares nothing with the
graphs that it is compared with: it reads by the `gguf` package's own reader, keeps the file's row order (for
llama that pairs neighbours for rotary, while qwen2 pairs halves), and has no cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from engine.delta import Delta

Floats = npt.NDArray[np.float32]


class Reference:
    """One model. Weights are dequantised as they are used, so that memory stays small."""

    def __init__(self, path: Path, delta: Delta | None = None) -> None:
        """`delta` changes the weights of a model that pairs halves: its rows are in the graph's order."""
        reader = gguf.GGUFReader(path)
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}
        fields = reader.fields
        kind = str(fields["general.architecture"].contents())

        def number(key: str) -> float:
            return float(fields[f"{kind}.{key}"].contents())

        self.layers = int(number("block_count"))
        self.heads = int(number("attention.head_count"))
        self.kv_heads = int(number("attention.head_count_kv"))
        self.theta = number("rope.freq_base")
        self.eps = number("attention.layer_norm_rms_epsilon")
        self.neighbours = kind == "llama"
        self.table = "output.weight" if "output.weight" in self.tensors else "token_embd.weight"
        self.vocab = len(self.tensors[self.table].data)
        self.updates = delta.updates if delta else {}
        assert not (self.updates and self.neighbours)

    def logits(self, ids: Sequence[int]) -> Floats:
        """Logits `[len(ids), vocab]`."""
        x = self.weight(self.table, np.array(ids))
        for layer in range(self.layers):
            x = x + self.attention(layer, self.norm(x, f"blk.{layer}.attn_norm.weight"))
            x = x + self.mlp(layer, self.norm(x, f"blk.{layer}.ffn_norm.weight"))
        x = self.norm(x, "output_norm.weight")
        pieces = np.array_split(np.arange(self.vocab), 16)
        return np.concatenate([x @ self.weight(self.table, piece).T for piece in pieces], axis=1)

    def attention(self, layer: int, x: Floats) -> Floats:
        def project(name: str, heads: int) -> Floats:
            y = self.times(x, f"blk.{layer}.attn_{name}.weight")
            if f"blk.{layer}.attn_{name}.bias" in self.tensors:
                y = y + self.weight(f"blk.{layer}.attn_{name}.bias")
            return y.reshape(len(x), heads, -1)

        q = self.rotate(project("q", self.heads))
        k = self.rotate(project("k", self.kv_heads))
        v = project("v", self.kv_heads)
        share = self.heads // self.kv_heads
        mask = np.triu(np.full((len(x), len(x)), -np.inf, np.float32), 1)
        heads = []
        for head in range(self.heads):
            scores = q[:, head] @ k[:, head // share].T / np.sqrt(q.shape[2]) + mask
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, head // share])
        return self.times(np.concatenate(heads, axis=1), f"blk.{layer}.attn_output.weight")

    def mlp(self, layer: int, x: Floats) -> Floats:
        gate = self.times(x, f"blk.{layer}.ffn_gate.weight")
        up = self.times(x, f"blk.{layer}.ffn_up.weight")
        return self.times(gate / (1 + np.exp(-gate)) * up, f"blk.{layer}.ffn_down.weight")

    def rotate(self, x: Floats) -> Floats:
        """Turn each pair of channels by position times frequency; `x` is `[length, heads, channels]`."""
        channels = x.shape[2]
        angles = np.outer(np.arange(len(x)), self.theta ** (-np.arange(0, channels, 2) / channels))
        turn = np.exp(1j * angles)[:, None, :]
        if self.neighbours:
            turned = (x[..., 0::2] + 1j * x[..., 1::2]) * turn
            pairs = np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape)
        else:
            turned = (x[..., : channels // 2] + 1j * x[..., channels // 2 :]) * turn
            pairs = np.concatenate([turned.real, turned.imag], axis=-1)
        return pairs.astype(np.float32)

    def norm(self, x: Floats, name: str) -> Floats:
        mean_square = np.square(x).mean(axis=1, keepdims=True)
        normed: Floats = x / np.sqrt(mean_square + np.float32(self.eps)) * self.weight(name)
        return normed

    def times(self, x: Floats, name: str) -> Floats:
        product: Floats = x @ self.weight(name).T
        return product

    def weight(self, name: str, rows: npt.NDArray[np.int64] | None = None) -> Floats:
        tensor = self.tensors[name]
        data = tensor.data if rows is None else tensor.data[rows]
        values: Floats = gguf.quants.dequantize(data, tensor.tensor_type).astype(np.float32)
        return values + self.change(name) if self.updates else values

    def change(self, name: str) -> Floats | float:
        """What the delta adds to a tensor of the file, which may be a part of one of its matrices."""
        _, layer, part, *_ = f"{name}...".split(".")
        for matrix, parts in _PARTS.items():
            if part in parts and name.endswith(".weight") and f"{layer}.{matrix}" in self.updates:
                sizes = [len(self.tensors[f"blk.{layer}.{each}.weight"].data) for each in parts]
                first = sum(sizes[: parts.index(part)])
                change = self.updates[f"{layer}.{matrix}"].change()
                return change[first : first + sizes[parts.index(part)]]
        return 0.0


_PARTS = {
    "qkv": ["attn_q", "attn_k", "attn_v"],
    "out": ["attn_output"],
    "gate_up": ["ffn_gate", "ffn_up"],
    "down": ["ffn_down"],
}
