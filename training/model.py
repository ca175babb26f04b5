"""A llama or qwen2 decoder in plain PyTorch, with the weights, names and arithmetic of the ONNX graph.

Modules are named after the fields of engine.weights.Layer, so that weights go in and out by name: `load`
fills a decoder from a GGUF file (its vocabulary whole or cut), `DecoderWeights` hands a trained one to the
graph writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

from engine.architecture import Architecture
from engine.gguf_file import Floats
from engine.weights import Layer, Weights

LINEARS = ("qkv", "out", "gate_up", "down")

# Who may see whom: booleans `[batch, 1, length, length]`, or the blocks that flex attention needs to visit.
Mask: TypeAlias = Tensor | BlockMask


class Decoder(nn.Module):
    """RMS norm, rotary positions, grouped attention, gated SiLU; the embedding is the output matrix too."""

    def __init__(self, shape: Architecture, bias: bool) -> None:
        """`bias`: whether queries, keys and values have one, as in qwen2."""
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocab, shape.width)
        self.layers = nn.ModuleList(Block(shape, bias) for _ in range(shape.layers))
        self.final_norm = nn.RMSNorm(shape.width, shape.eps)
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim
        self.register_buffer("frequencies", shape.rope_theta**-half, persistent=False)

    def forward(self, ids: Tensor, positions: Tensor, mask: Mask) -> Tensor:
        """Hidden states `[batch, length, width]` of tokens `ids` at `positions`, both `[batch, length]`."""
        frequencies: Tensor = self.get_buffer("frequencies")
        angles = positions.double()[..., None] * frequencies
        turn = angles.cos().float()[:, None], angles.sin().float()[:, None]
        hidden: Tensor = self.embedding(ids)
        for block in self.blocks():
            hidden = block(hidden, turn, mask)
        return self.final_norm(hidden)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits `[..., vocab]` after hidden states `[..., width]`."""
        return functional.linear(hidden, self.embedding.weight)

    def blocks(self) -> Iterator[Block]:
        """The layers, from the input on."""
        return (cast(Block, layer) for layer in self.layers)


class Block(nn.Module):
    """One layer: attention, then the gated unit, each on the norm of the sum so far."""

    def __init__(self, shape: Architecture, bias: bool) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = shape.heads, shape.kv_heads, shape.head_dim
        inner = shape.heads * shape.head_dim
        self.attention_norm = nn.RMSNorm(shape.width, shape.eps)
        self.qkv = nn.Linear(shape.width, inner + 2 * shape.kv_heads * shape.head_dim, bias)
        self.out = nn.Linear(inner, shape.width, bias=False)
        self.mlp_norm = nn.RMSNorm(shape.width, shape.eps)
        self.gate_up = nn.Linear(shape.width, 2 * shape.ffn, bias=False)
        self.down = nn.Linear(shape.ffn, shape.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], mask: Mask) -> Tensor:
        """`x` `[batch, length, width]` after this layer."""
        x = x + self.out(self._attention(self.qkv(self.attention_norm(x)), turn, mask))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        x = x + self.down(functional.silu(gate) * up)
        return x

    def _attention(self, qkv: Tensor, turn: tuple[Tensor, Tensor], mask: Mask) -> Tensor:
        heads = qkv.reshape(*qkv.shape[:2], -1, self.head_dim).transpose(1, 2)
        q, k, v = heads.split([self.heads, self.kv_heads, self.kv_heads], dim=1)
        q, k = _rotated(q, turn), _rotated(k, turn)
        mixed: Any
        if isinstance(mask, BlockMask):
            mixed = flex_attention(q, k, v, block_mask=mask, enable_gqa=True)
        else:
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
        return mixed.transpose(1, 2).flatten(-2)


def dense_mask(documents: Tensor, branches: Tensor) -> Tensor:
    """Who sees whom in rows of packed documents; both arguments are numbers `[batch, length]`.

    A token sees itself and what comes before it in its document: the trunk (branch 0) and its own branch, but
    no other, so that several continuations share one beginning.
    """
    length = documents.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
    same = documents[:, None, :, None] == documents[:, None, None, :]
    query, key = branches[:, None, :, None], branches[:, None, None, :]
    return same & earlier & ((key == 0) | (key == query))


def block_mask(documents: Tensor, branches: Tensor) -> BlockMask:
    """The same for flex attention, which passes over blocks in which nobody sees anybody. To be compiled."""

    def sees(batch: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        theirs = branches[batch, key]
        on_path = (theirs == 0) | (theirs == branches[batch, query])
        return (documents[batch, query] == documents[batch, key]) & (query >= key) & on_path

    size, length = documents.shape
    return create_block_mask(sees, size, None, length, length, device=str(documents.device))


def load(weights: Weights, on_layer: Callable[[int], None] = lambda index: None) -> Decoder:
    """A decoder in single precision that holds `weights`."""
    decoder = Decoder(weights.architecture, weights.layer(0).qkv_bias is not None)
    _fill(decoder.embedding.weight, weights.embedding())
    _fill(decoder.final_norm.weight, weights.final_norm())
    for index, block in enumerate(decoder.blocks()):
        layer = weights.layer(index)
        for name in ("attention_norm", "mlp_norm", *LINEARS):
            _fill(getattr(block, name).weight, getattr(layer, name))
        if layer.qkv_bias is not None:
            _fill(block.qkv.bias, layer.qkv_bias)
        on_layer(index)
    return decoder


class DecoderWeights:
    """The weights of a decoder as the graph writer wants them."""

    def __init__(self, decoder: Decoder) -> None:
        self.architecture = decoder.shape
        self._decoder = decoder

    def embedding(self) -> Floats:
        """Token embedding `[vocab, width]`."""
        return _floats(self._decoder.embedding.weight)

    def final_norm(self) -> Floats:
        """Scale of the last norm `[width]`."""
        return _floats(self._decoder.final_norm.weight)

    def layer(self, index: int) -> Layer:
        """Weights of one layer."""
        block = list(self._decoder.blocks())[index]
        return Layer(
            attention_norm=_floats(block.attention_norm.weight),
            qkv=_floats(block.qkv.weight),
            qkv_bias=None if block.qkv.bias is None else _floats(block.qkv.bias),
            out=_floats(block.out.weight),
            mlp_norm=_floats(block.mlp_norm.weight),
            gate_up=_floats(block.gate_up.weight),
            down=_floats(block.down.weight),
        )


def _rotated(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """`x` `[batch, heads, length, head_dim]`, each channel of its first half turned with its partner."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = (each.to(x.dtype) for each in turn)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def _fill(parameter: Tensor, values: Floats) -> None:
    if parameter.shape != values.shape:
        raise ValueError(f"{tuple(values.shape)} does not fit {tuple(parameter.shape)}")
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values))


def _floats(parameter: Tensor) -> Floats:
    floats: Floats = parameter.detach().float().cpu().numpy()
    return floats
