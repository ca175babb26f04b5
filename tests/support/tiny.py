"""Real graphs with a few random weights: what they write is noise, but exactly repeatable noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cache.prefix import PrefixCache
from engine.architecture import Architecture, Precision
from engine.decode import CachedModel
from engine.graph import write_graph
from engine.session import Session
from engine.weights import RandomWeights
from tests.support.scripted import byte_tokenizer

SHAPES = {
    "llama": Architecture(
        vocab=262, width=64, layers=2, heads=4, kv_heads=2, head_dim=16, ffn=128, context=640,
        rope_theta=1e4, eps=1e-5,
    ),
    "qwen2": Architecture(
        vocab=262, width=64, layers=3, heads=4, kv_heads=1, head_dim=16, ffn=96, context=640,
        rope_theta=1e6, eps=1e-6,
    ),
}  # fmt: skip


def tiny_graph(folder: Path, kind: str, precision: Precision = Precision.FP32) -> Path:
    """Write a small random model of the architecture `kind`, a key of `SHAPES`."""
    path = folder / f"{kind}.{precision}.onnx"
    weights = RandomWeights(SHAPES[kind], seed=7, bias=kind == "qwen2")
    write_graph(weights, precision, path, SHAPES[kind].context)
    return path


def tiny_session(graph: Path) -> Session:
    return Session(graph, threads=1, capacity=640)


def tiny_model(graph: Path, cache_bytes: int = 1 << 24) -> CachedModel:
    return CachedModel(tiny_session(graph), PrefixCache(cache_bytes), byte_tokenizer())


def greedy(graph: Path, prompt: Sequence[int], count: int) -> list[int]:
    """Write `count` tokens the plainest way: everything computed anew, in one pass, for each token."""
    session = tiny_session(graph)
    tokens = list(prompt)
    for _ in range(count):
        session.rollback(0)
        tokens.append(int(session.step(tokens)[0].argmax()))
    return tokens[len(prompt) :]
