"""How fast this machine is: measured on layers of random weights, before anything is downloaded.

A *typical line* is 8 new tokens after 1,024 cached ones, and 10 written. Its time is linear in the number
of layers and in the vocabulary. So a tier's time follows from that of two small graphs of its width: a few
layers with next to no vocabulary, and one layer with all of it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from engine.architecture import Architecture, Precision
from engine.gguf_file import Floats
from engine.graph import write_graph
from engine.session import Session
from engine.threads import default_threads
from engine.tiers import Speed, is_busy, keep, machine, recall
from engine.weights import RandomWeights

CACHED, NEW, WRITTEN = 1024, 8, 10  # tokens of a typical line
ROUNDS: Final = 15
LAYERS: Final = 3
PROCESSOR_CACHE: Final = 96 * 1024 * 1024  # bytes: more than most have
FEW_TOKENS: Final = 1024  # a vocabulary too small to matter


def measure(threads: int | None = None) -> Speed:
    """Return the speed of this machine, measured once and then kept; takes up to 3 s, off the loop thread."""
    if known := recall(threads):
        return known
    busy, threads = is_busy(), threads or default_threads()
    with tempfile.TemporaryDirectory(prefix="tacit-speed-") as folder:
        speed = Speed(machine(threads), _measure(Path(folder), threads), busy)
    keep(speed)
    return speed


SHAPES: Final = {
    "S": Architecture(
        vocab=49_152, width=576, layers=30, heads=9, kv_heads=3, head_dim=64, ffn=1536,
        context=8192, rope_theta=1e5, eps=1e-5,
    ),
    "M": Architecture(
        vocab=49_152, width=896, layers=24, heads=14, kv_heads=2, head_dim=64, ffn=4864,
        context=32_768, rope_theta=1e6, eps=1e-6,
    ),
}  # fmt: skip
L_PER_M: Final = 3.4  # weights that a pass reads: 1.5B with the 48k vocabulary against 0.5B with it


def _measure(folder: Path, threads: int) -> dict[str, float]:
    line_ms = {tier: _line_ms(shape, folder, threads) for tier, shape in SHAPES.items()}
    return {**line_ms, "L": L_PER_M * line_ms["M"]}  # so wide that nothing but reading weights counts


def _line_ms(shape: Architecture, folder: Path, threads: int) -> float:
    layer_ms = _time(_resized(shape, LAYERS, FEW_TOKENS), folder, threads) / LAYERS
    head_ms = _time(_resized(shape, 1, shape.vocab), folder, threads) - layer_ms
    return layer_ms * shape.layers + max(head_ms, 0)


def _time(shape: Architecture, folder: Path, threads: int) -> float:
    """Return the milliseconds of a typical line. The best of several: other programs only add to it."""
    path = folder / f"{shape.width}.{shape.layers}.onnx"
    write_graph(_QuickWeights(shape), Precision.UQ8, path, CACHED + NEW + WRITTEN)
    session = Session(path, threads=threads, capacity=CACHED + NEW + WRITTEN)
    memory = (2 * shape.layers, shape.kv_heads, CACHED, shape.head_dim)
    session.append(np.random.default_rng(0).standard_normal(memory, np.float32))
    return _step_ms(session, NEW) + WRITTEN * _step_ms(session, 1)


def _step_ms(session: Session, tokens: int) -> float:
    everything_else = np.ones(PROCESSOR_CACHE, np.uint8)
    times = []
    for _ in range(ROUNDS):
        # A whole model does not fit a processor's cache; nor may this part of one find itself there.
        everything_else.max()
        session.rollback(CACHED)
        began = time.perf_counter()
        session.step(range(tokens))
        times.append(time.perf_counter() - began)
    return min(times) * 1e3


def _resized(shape: Architecture, layers: int, vocab: int) -> Architecture:
    return msgspec.structs.replace(shape, layers=layers, vocab=vocab)


class _QuickWeights(RandomWeights):
    """Made in a fraction of the time: a short stretch of random numbers, over and over."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__(architecture)
        self._numbers = np.random.default_rng(0).standard_normal(65_521, np.float32) * np.float32(0.02)

    def matrix(self, salt: int, rows: int, columns: int) -> Floats:
        return np.resize(self._numbers, (rows, columns))
