"""The PyTorch decoder computes what the ONNX graph computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

import torch

from engine.architecture import Architecture, Precision
from engine.converted import GRAPH, load_tokenizer
from engine.delta import Origin, Tuned, read_delta
from engine.fetch import downloads_dir, fetch
from engine.gguf_file import Floats, GgufFile
from engine.graph import write_graph
from engine.manifest import find
from engine.prepare import prepare
from engine.progress import ignore
from engine.session import Session
from engine.source import sha256_of
from engine.vocabulary import Vocabulary, read_kept
from engine.weights import GgufWeights, RandomWeights, Weights
from tests.support.tiny_gguf import write_gguf
from training.model import Decoder, DecoderWeights, block_mask, dense_mask, load

pytestmark = pytest.mark.train

SHAPE = Architecture(
    vocab=320, width=64, layers=3, heads=6, kv_heads=2, head_dim=16, ffn=96,
    context=512, rope_theta=1e4, eps=1e-5,
)  # fmt: skip


def logits(decoder: Decoder, ids: list[int]) -> Floats:
    tokens = torch.tensor([ids])
    with torch.no_grad():
        alone = torch.zeros_like(tokens)
        hidden = decoder(tokens, torch.arange(len(ids))[None], dense_mask(alone, alone))
        found: Floats = decoder.logits(hidden)[0].numpy()
    return found


def onnx_logits(graph: Path, ids: list[int]) -> Floats:
    return Session(graph, threads=1, capacity=len(ids)).step(ids, len(ids))


def random_ids(count: int, vocab: int) -> list[int]:
    ids: list[int] = np.random.default_rng(0).integers(0, vocab, count).tolist()
    return ids


@pytest.mark.parametrize("bias", [False, True])
def test_it_agrees_with_the_graph(tmp_path: Path, bias: bool) -> None:
    weights = RandomWeights(SHAPE, bias=bias)
    write_graph(weights, Precision.FP32, tmp_path / GRAPH, 64)
    ids = random_ids(50, SHAPE.vocab)
    ours, theirs = logits(load(weights), ids), onnx_logits(tmp_path / GRAPH, ids)
    assert np.abs(ours - theirs).max() < 1e-3
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
@pytest.mark.parametrize("cut", [False, True])
def test_it_loads_from_gguf_and_goes_back_out(tmp_path: Path, kind: str, cut: bool) -> None:
    kept = np.arange(0, 256) if cut else None
    weights = GgufWeights(GgufFile(write_gguf(tmp_path / "tiny.gguf", kind)), kept)
    decoder = load(weights)
    same: Weights = DecoderWeights(decoder)
    assert same.architecture == weights.architecture
    assert np.array_equal(same.embedding(), weights.embedding())
    assert np.array_equal(same.final_norm(), weights.final_norm())
    for index in range(weights.architecture.layers):
        before, after = weights.layer(index), same.layer(index)
        for field in before.__dataclass_fields__:
            assert np.array_equal(getattr(after, field), getattr(before, field)), field
    write_graph(same, Precision.FP32, tmp_path / GRAPH, 64)
    ids = random_ids(40, weights.architecture.vocab)
    assert np.abs(logits(decoder, ids) - onnx_logits(tmp_path / GRAPH, ids)).max() < 1e-3


def test_packed_documents_and_branches_see_only_their_own_past() -> None:
    decoder = load(RandomWeights(SHAPE))
    other, trunk, left, right = (random_ids(count, SHAPE.vocab) for count in (17, 20, 9, 12))
    parts = [(other, 0, 0, 0), (trunk, 0, 1, 0), (left, 20, 1, 1), (right, 20, 1, 2)]
    columns = [
        (token, first + n, document, branch)
        for tokens, first, document, branch in parts
        for n, token in enumerate(tokens)
    ]
    ids, positions, documents, branches = torch.tensor(columns).T[:, None]
    apart = np.concatenate(
        [
            logits(decoder, other),
            logits(decoder, trunk + left),
            logits(decoder, trunk + right)[len(trunk) :],
        ]
    )
    for mask in (dense_mask(documents, branches), block_mask(documents, branches)):
        with torch.no_grad():
            together = decoder.logits(decoder(ids, positions, mask))[0].numpy()
        assert np.abs(together - apart).max() < 1e-4


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", ["smollm2-135m", "qwen2.5-coder-0.5b"])
def test_it_agrees_with_the_graph_of_a_real_model(name: str) -> None:
    manifest = find(name)
    assert manifest
    file = GgufFile(fetch(manifest, downloads_dir(), ignore))
    path = manifest.vocabulary_path()
    kept = read_kept(path, len(Vocabulary.from_gguf(file).tokens)) if path else None
    folder = prepare(name, Precision.FP32)
    code = Path(__file__).with_name("test_model.py").read_text(encoding="utf-8")
    ids = load_tokenizer(folder).encode(code)[:300]
    weights: Weights = GgufWeights(file, kept)
    if (delta := manifest.delta_path()) is not None:
        origin = Origin(base=manifest.file.sha256, vocabulary=sha256_of(path) if path else "")
        weights = Tuned(weights, origin, read_delta(delta))
    ours, theirs = logits(load(weights), ids), onnx_logits(folder / GRAPH, ids)
    assert np.abs(ours - theirs).max() < 1e-3
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
