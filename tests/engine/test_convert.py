"""Converted models compute what the model file means: beside an independent implementation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.agreement import agrees
from engine.architecture import Precision
from engine.converted import GRAPH, load_tokenizer, read_card
from engine.delta import read_delta
from engine.fetch import downloads_dir, fetch
from engine.manifest import find
from engine.prepare import prepare
from engine.session import Session
from engine.vocabulary import read_kept
from tests.support.reference import Reference
from tests.support.tiny_gguf import tokens, write_gguf

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["smollm2-135m", "qwen2.5-coder-0.5b"]
CHUNK = 250

Floats = npt.NDArray[np.float32]


def logits_of(folder: Path, ids: list[int]) -> Iterator[Floats]:
    """Logits after each token, a chunk at a time."""
    session = Session(folder / GRAPH, threads=2, capacity=len(ids))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        yield session.step(chunk, len(chunk)).copy()


@pytest.fixture(params=["llama", "qwen2"])
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    return write_gguf(tmp_path / f"{request.param}.gguf", request.param)


IDS = np.random.default_rng(5).integers(0, len(tokens()), 300).tolist()


def test_fp32_agrees_with_the_reference(source: Path) -> None:
    expected = Reference(source).logits(IDS)
    found = np.concatenate([*logits_of(prepare(str(source), "fp32"), IDS)])
    assert np.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("precision", ["nb8", "uq8"])
def test_8_bits_stay_close_to_the_reference(source: Path, precision: str) -> None:
    expected = Reference(source).logits(IDS)
    found = np.concatenate([*logits_of(prepare(str(source), precision), IDS)])
    assert np.abs(found - expected).mean() < 0.05 * expected.std()


@pytest.mark.parametrize("precision", list(Precision))
def test_agreement_tells_right_kernels_from_wrong_ones(source: Path, precision: Precision) -> None:
    folder = prepare(str(source), precision)
    probe = read_card(folder).probe
    session = Session(folder / GRAPH, threads=1, capacity=len(probe.tokens))
    logits = session.step(probe.tokens, len(probe.tokens)).copy()
    assert agrees(probe, lambda ids, rows: logits)
    assert not agrees(probe, lambda ids, rows: np.roll(logits, 1, axis=1))


# Real models on real code.


def real_code(size: int) -> str:
    files = ["engine/graph.py", "engine/fetch.py", "text/document.py", "engine/tokenizer.py"]
    return "".join((ROOT / name).read_text("utf-8") for name in files)[:size]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_top_1_agrees_on_1000_positions(name: str) -> None:
    manifest = find(name)
    assert manifest
    source, folder = fetch(manifest, downloads_dir()), prepare(name, "fp32")
    ids = load_tokenizer(folder).encode(real_code(8000))[:1000]
    assert len(ids) == 1000
    delta = manifest.delta_path()
    reference = Reference(source, read_delta(delta).delta if delta else None)
    kept = np.arange(reference.vocab)
    if path := manifest.vocabulary_path():
        kept = read_kept(path, reference.vocab)
    expected = reference.logits(kept[ids].tolist())[:, kept]
    found = np.concatenate([*logits_of(folder, ids)])
    agreeing = (found.argmax(1) == expected.argmax(1)).mean()
    largest = np.abs(found - expected).max()
    print(f"{name}: top-1 agrees at {agreeing:.2%}, the largest difference is {largest:.1e}")
    assert agreeing >= 0.995


def bits_per_byte(folder: Path, text: str) -> float:
    tokenizer = load_tokenizer(folder)
    ids = tokenizer.encode(text)
    bits = 0.0
    following = iter(ids[1:])
    for logits in logits_of(folder, ids[:-1]):
        wide = logits.astype(np.float64)
        peak = wide.max(axis=1)
        total = peak + np.log(np.exp(wide - peak[:, None]).sum(axis=1))
        bits += sum((total[row] - wide[row, next(following)]) / np.log(2) for row in range(len(wide)))
    return bits / len(text.encode())


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_8_bits_cost_less_than_2_percent(name: str) -> None:
    text = real_code(20_000)
    exact = bits_per_byte(prepare(name, "fp32"), text)
    for precision in ("nb8", "uq8"):
        found = bits_per_byte(prepare(name, precision), text)
        print(f"{name} {precision}: {found:.4f} bits per byte, fp32 {exact:.4f} ({found / exact - 1:+.2%})")
        assert found <= 1.02 * exact
