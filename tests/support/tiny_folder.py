"""A converted model with a few random weights, as `tacit models pull` leaves a real one: for whole programs.

It answers within a few milliseconds, and what it writes is noise.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.agreement import probe_of
from engine.architecture import Architecture, Precision
from engine.converted import GRAPH, TOKENIZER, ModelCard, Probe, write_card
from engine.graph import write_graph
from engine.session import Session
from engine.weights import RandomWeights
from tests.support.scripted import CONTROL, byte_tokenizer

SHAPE = Architecture(
    vocab=262, width=64, layers=2, heads=4, kv_heads=2, head_dim=16, ffn=128, context=4096,
    rope_theta=1e4, eps=1e-5,
)  # fmt: skip


def tiny_folder(folder: Path) -> Path:
    """Fill `folder` with a model and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_graph(RandomWeights(SHAPE, seed=3), Precision.FP32, folder / GRAPH, SHAPE.context)
    byte_tokenizer().save(folder / TOKENIZER)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    special = {name: 256 + n for n, name in enumerate(CONTROL)}
    card = ModelCard(
        name="tiny",
        precision=Precision.FP32,
        recipe="",
        source="",
        architecture=SHAPE,
        positions=SHAPE.context,
        prompt="fim_v1",
        special=special,
        trained_for=("p",),
        probe=_probe(folder / GRAPH),
        files=files,
    )
    write_card(folder, card)
    return folder


def _probe(graph: Path) -> Probe:
    tokens = range(32, 64)
    return probe_of(tokens, Session(graph, threads=1, capacity=len(tokens)).step(tokens, len(tokens)))
