"""What a converted model is, in numbers and names. Imports next to nothing: the server asks early."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Precision(StrEnum):
    """How a graph's matrices are stored and multiplied."""

    FP32 = "fp32"
    NB8 = "nb8"  # 8 bits, a scale for each block of 32 weights
    UQ8 = "uq8"  # 8 bits, a scale for each output channel: the fastest where the CPU has VNNI


class Architecture(msgspec.Struct, frozen=True, kw_only=True):
    """Shape of a decoder-only transformer: RMS norm, rotary positions, grouped attention, gated SiLU."""

    vocab: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    context: int
    rope_theta: float
    eps: float
