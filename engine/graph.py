"""Writes a decoder-only transformer as an ONNX graph that onnxruntime runs fast on a CPU.

Inputs: `input_ids` int64 `[batch, new]`; `seqlens_k` int32 `[batch]` = total length - 1; `total_len` int32
scalar; `logit_idx` int64 `[n]`, the new positions whose logits are wanted; `past.N.k` and `past.N.v` float
`[batch, kv_heads, length, head_dim]` for each layer N.
Outputs: `logits` float `[batch, n, vocab]`; `present.N.k` and `present.N.v`, which may be the same buffers
as the past ones: attention then writes in place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from engine.architecture import Architecture, Precision
from engine.gguf_file import Floats
from engine.quantize import BLOCK, by_block, by_channel
from engine.tensor_file import TensorFile
from engine.weights import Layer, Weights

_CONTRIB = "com.microsoft"


def write_graph(
    weights: Weights,
    precision: Precision,
    path: Path,
    positions: int,
    on_layer: Callable[[int, Layer], None] = lambda index, layer: None,
) -> None:
    """Write `path` and its weights beside it (`path` + `.data`).

    `positions` is the greatest length that the rotary tables serve. `on_layer` is
    shown each layer before it is written. Raises OSError when writing fails.
    """
    with TensorFile(path.with_name(path.name + ".data")) as store:
        graph = _Graph(store, weights.architecture, precision)
        model = graph.model(weights, positions, on_layer)
    path.write_bytes(model.SerializeToString())


class _Graph:
    """Collects nodes and initializers. A tensor's name says which layer and which part it belongs to."""

    def __init__(self, store: TensorFile, shape: Architecture, precision: Precision) -> None:
        self._store = store
        self._shape = shape
        self._precision = precision
        self._nodes: list[NodeProto] = []
        self._initializers: dict[str, TensorProto] = {}

    def model(
        self, weights: Weights, positions: int, on_layer: Callable[[int, Layer], None]
    ) -> onnx.ModelProto:
        shape = self._shape
        self._rotary_tables(positions)
        residual = self._embed(weights.embedding())
        layer = weights.layer(0)
        normed = self._node(
            "SimplifiedLayerNormalization",
            [residual, self._constant("0.attention_norm", layer.attention_norm)],
            "0.normed",
            axis=-1,
            epsilon=shape.eps,
            stash_type=1,
        )
        for index in range(shape.layers):
            on_layer(index, layer)
            following = weights.layer(index + 1) if index + 1 < shape.layers else None
            next_norm = following.attention_norm if following else weights.final_norm()
            residual, normed = self._layer(index, layer, next_norm, residual, normed)
            if following:
                layer = following
        self._head(normed)
        graph = helper.make_graph(
            self._nodes, "decoder", self._inputs(), self._outputs(), list(self._initializers.values())
        )
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="tacit")

    def _layer(self, i: int, layer: Layer, next_norm: Floats, residual: str, normed: str) -> tuple[str, str]:
        shape = self._shape
        qkv = self._linear(f"{i}.qkv", normed, layer.qkv)
        if layer.qkv_bias is not None:
            qkv = self._node("Add", [qkv, self._constant(f"{i}.qkv_bias", layer.qkv_bias)], f"{i}.qkv_biased")
        attention = self._node(
            "GroupQueryAttention",
            [qkv, "", "", f"past.{i}.k", f"past.{i}.v", "seqlens_k", "total_len", "cos", "sin"],
            f"{i}.attention",
            f"present.{i}.k",
            f"present.{i}.v",
            num_heads=shape.heads,
            kv_num_heads=shape.kv_heads,
            do_rotary=1,
            rotary_interleaved=0,
            scale=shape.head_dim**-0.5,
        )
        out = self._linear(f"{i}.out", attention, layer.out)
        residual, normed = self._add_and_norm(f"{i}.mlp", residual, out, layer.mlp_norm)
        gate_up = self._linear(f"{i}.gate_up", normed, layer.gate_up)
        self._node("Split", [gate_up], f"{i}.gate", f"{i}.up", axis=-1, num_outputs=2)
        # With alpha = 1 QuickGelu is SiLU in one node.
        silu = self._node("QuickGelu", [f"{i}.gate"], f"{i}.silu", alpha=1.0)
        gated = self._node("Mul", [silu, f"{i}.up"], f"{i}.gated")
        down = self._linear(f"{i}.down", gated, layer.down)
        return self._add_and_norm(f"{i}.next", residual, down, next_norm)

    def _add_and_norm(self, name: str, residual: str, update: str, scale: Floats) -> tuple[str, str]:
        """Return the new residual and its norm."""
        inputs = [residual, update, self._constant(f"{name}_norm", scale)]
        outputs = [f"{name}_normed", "", "", f"{name}_residual"]
        self._node("SkipSimplifiedLayerNormalization", inputs, *outputs, epsilon=self._shape.eps)
        return outputs[3], outputs[0]

    def _linear(self, name: str, x: str, matrix: Floats) -> str:
        """`x` times the transpose of `matrix` `[out, in]`."""
        match self._precision:
            case Precision.FP32:
                return self._node("MatMul", [x, self._constant(f"{name}.weight", matrix.T)], name)
            case Precision.NB8:
                blocks, scales = by_block(matrix)
                quantized = self._constant(f"{name}.weight", blocks)
                return self._block_matmul(
                    name, x, quantized, self._constant(f"{name}.scale", scales), *matrix.shape
                )
            case Precision.UQ8:
                return self._channel_matmul(name, x, matrix)

    def _channel_matmul(self, name: str, x: str, matrix: Floats) -> str:
        """Multiply in 8 bits; dividing by its peak gives each row an activation scale of its own."""
        channels, scales = by_channel(matrix)
        weight = self._constant(f"{name}.weight", channels.T)
        scale = self._constant(f"{name}.scale", scales)
        zero = self._constant(f"{name}.zero", np.zeros(len(matrix), np.int8))
        magnitude = self._node("Abs", [x], f"{name}.magnitude")
        last = self._constant("last_axis", np.array([-1], np.int64))
        peak = self._node("ReduceMax", [magnitude, last], f"{name}.peak", keepdims=1)
        unit = self._node("Div", [x, peak], f"{name}.unit")
        product = self._node("DynamicQuantizeMatMul", [unit, weight, scale, zero], f"{name}.product")
        return self._node("Mul", [product, peak], name)

    def _block_matmul(self, name: str, x: str, blocks: str, scales: str, out: int, width: int) -> str:
        # accuracy_level 4 lets the kernel quantise activations to 8 bits: several times as fast.
        attributes = {"K": width, "N": out, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        return self._node("MatMulNBits", [x, blocks, scales], name, **attributes)

    def _embed(self, embedding: Floats) -> str:
        """Look the input up in the table that the head multiplies by; it is stored once."""
        shape = self._shape
        if self._precision is Precision.FP32:
            return self._node("Gather", [self._constant("embedding", embedding), "input_ids"], "embedded")
        blocks, scales = by_block(embedding)
        self._constant("embedding", blocks)
        self._constant("embedding.scale", scales)
        # The lookup wants the blocks' axis in its scales too; the head takes them without.
        wanted = self._constant("embedding.scale_shape", np.array([*scales.shape, 1], np.int64))
        scale = self._node("Reshape", ["embedding.scale", wanted], "embedding.scale_3d")
        looked_up = self._node(
            "GatherBlockQuantized",
            ["embedding", "input_ids", scale],
            "embedded.blocks",
            bits=8,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=2,
        )
        flat = self._constant("embedded.shape", np.array([0, 0, shape.width], np.int64))
        return self._node("Reshape", [looked_up, flat], "embedded")

    def _head(self, normed: str) -> None:
        wanted = self._node("Gather", [normed, "logit_idx"], "wanted", axis=1)
        if self._precision is Precision.FP32:
            self._node("FusedMatMul", [wanted, "embedding"], "logits", transB=1)
        else:
            self._block_matmul(
                "logits", wanted, "embedding", "embedding.scale", self._shape.vocab, self._shape.width
            )

    def _rotary_tables(self, positions: int) -> None:
        half = np.arange(0, self._shape.head_dim, 2) / self._shape.head_dim
        angles = np.outer(np.arange(positions), self._shape.rope_theta**-half)
        self._constant("cos", np.cos(angles).astype(np.float32))
        self._constant("sin", np.sin(angles).astype(np.float32))

    def _inputs(self) -> list[ValueInfoProto]:
        plain: list[tuple[str, int, list[str]]] = [
            ("input_ids", TensorProto.INT64, ["batch", "new"]),
            ("seqlens_k", TensorProto.INT32, ["batch"]),
            ("total_len", TensorProto.INT32, []),
            ("logit_idx", TensorProto.INT64, ["n"]),
        ]
        return [helper.make_tensor_value_info(*each) for each in plain] + self._kv("past", "past")

    def _outputs(self) -> list[ValueInfoProto]:
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "n", self._shape.vocab])
        return [logits, *self._kv("present", "total")]

    def _kv(self, prefix: str, length: str) -> list[ValueInfoProto]:
        dims: list[str | int] = ["batch", self._shape.kv_heads, length, self._shape.head_dim]
        names = [f"{prefix}.{i}.{part}" for i in range(self._shape.layers) for part in "kv"]
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name in names]

    def _constant(self, name: str, array: npt.NDArray[Any]) -> str:
        if name not in self._initializers:
            self._initializers[name] = self._store.add(name, array)
        return name

    def _node(self, op: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        """Append a node; its first output names it and is returned."""
        domain = _CONTRIB if op in _CONTRIB_OPS else ""
        self._nodes.append(
            helper.make_node(op, inputs, list(outputs), name=outputs[0], domain=domain, **attributes)
        )
        return outputs[0]


# SimplifiedLayerNormalization lives, for historical reasons, in onnxruntime's copy of the default domain.
_CONTRIB_OPS = frozenset(
    {
        "DynamicQuantizeMatMul",
        "FusedMatMul",
        "GatherBlockQuantized",
        "GroupQueryAttention",
        "MatMulNBits",
        "QuickGelu",
        "SkipSimplifiedLayerNormalization",
    }
)
