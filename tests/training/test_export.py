"""From a run to a delta, and from the delta to the very weights that were trained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

import torch

from engine.architecture import Architecture, Precision
from engine.delta import Named, Origin, Tuned, read_delta, write_delta
from engine.graph import write_graph
from engine.session import Session
from engine.weights import RandomWeights
from training import export
from training.export import balanced, delta_of, differences, low_rank, rounding_error
from training.lora import add_low_rank, updates
from training.model import LINEARS, dense_mask, load
from training.samples import Sample, Samples
from training.train import CHECKPOINT, arguments, train

pytestmark = pytest.mark.train

SHAPE = Architecture(
    vocab=320, width=64, layers=2, heads=4, kv_heads=2, head_dim=16, ffn=96,
    context=512, rope_theta=1e4, eps=1e-5,
)  # fmt: skip
ORIGIN = Origin(base="b" * 64, vocabulary="v" * 64)
ABOUT: dict[str, Any] = {
    "base": {"base": ORIGIN.base, "vocabulary": ORIGIN.vocabulary},
    "data": [
        {"task": "next_edit", "prompt": "next_edit_v1", "special": {"<x>": "<y>"}, "recipes": ["1", "2"]},
        {"task": "fill_in_middle", "prompt": "fim_v1", "recipes": ["3"]},
    ],
}


def test_a_delta_carries_what_the_low_rank_updates_learned(tmp_path: Path) -> None:
    base = RandomWeights(SHAPE, bias=True)
    decoder = load(base)
    torch.manual_seed(0)
    add_low_rank(decoder, rank=8, alpha=16)
    for _, update in updates(decoder):
        torch.nn.init.normal_(update.up, std=0.02)
    trained = {name: each.detach().numpy() for name, each in decoder.named_parameters() if each.requires_grad}
    factors = dict(low_rank(trained, 16 / 8))
    assert len(factors) == SHAPE.layers * len(LINEARS)
    write_delta(tmp_path / "delta", delta_of(factors, ABOUT, "r1"))
    tuned = Tuned(base, ORIGIN, read_delta(tmp_path / "delta"))
    write_graph(tuned, Precision.FP32, tmp_path / "model.onnx", 64)

    ids = np.random.default_rng(1).integers(0, SHAPE.vocab, 40).tolist()
    tokens = torch.tensor([ids])
    mask = dense_mask(torch.zeros_like(tokens), torch.zeros_like(tokens))
    with torch.no_grad():
        ours = decoder.logits(decoder(tokens, torch.arange(40)[None], mask))[0].numpy()
    theirs = Session(tmp_path / "model.onnx", threads=1, capacity=64).step(ids, 40)
    plain = load(base)
    with torch.no_grad():
        before = plain.logits(plain(tokens, torch.arange(40)[None], mask))[0].numpy()
    # The rounding of the delta is all that separates them: a hundredth of what was learned.
    assert np.abs(ours - theirs).max() < 0.03 * np.abs(ours - before).max()


def test_a_run_becomes_a_delta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample()
    sample.add([1, 2, 3], learned=True)
    samples = Samples.of([sample] * 4, ABOUT["data"][0], SHAPE.vocab)
    args = arguments(
        ["--base", "x", "--data", "y", "--out", str(tmp_path / "run"), "--rank", "4", "--float32"]
    )
    args.steps, args.length = 2, 16
    train(load(RandomWeights(SHAPE, bias=True)), [(samples, 1.0)], {}, args, ABOUT["base"])
    line = ["export", str(tmp_path / "run"), "--run", "r1", "--out", str(tmp_path / "deltas" / "d")]
    monkeypatch.setattr(sys, "argv", line)
    export.main()
    delta = read_delta(tmp_path / "deltas" / "d").delta
    assert (delta.origin, delta.run) == (ORIGIN, "r1")
    assert len(delta.updates) == SHAPE.layers * len(LINEARS)
    assert any(update.change().any() for update in delta.updates.values())
    monkeypatch.setattr(sys, "argv", [*line[:-1], str(tmp_path / "half"), "--share", "0.5"])
    export.main()
    half = read_delta(tmp_path / "half").delta
    for name, update in delta.updates.items():
        assert np.allclose(half.updates[name].change(), update.change() / 2, atol=1e-7), name


def test_a_run_goes_on_from_the_delta_of_an_earlier_one(tmp_path: Path) -> None:
    random, small = np.random.default_rng(4), np.float32(1 / 30)
    factors = {
        f"{index}.{name}": (
            random.standard_normal((getattr(layer, name).shape[0], 4)).astype(np.float32) * small,
            random.standard_normal((4, getattr(layer, name).shape[1])).astype(np.float32) * small,
        )
        for index in range(SHAPE.layers)
        for layer in [RandomWeights(SHAPE, bias=True).layer(index)]
        for name in LINEARS
    }
    write_delta(tmp_path / "delta", delta_of(factors, ABOUT, "r1"))
    sample = Sample()
    sample.add([1, 2, 3], learned=True)
    samples = Samples.of([sample] * 4, ABOUT["data"][0], SHAPE.vocab)

    def start(rank: str, base: dict[str, str]) -> dict[str, Any]:
        line = ["--base", "x", "--data", "y", "--out", str(tmp_path / "run"), "--rank", rank, "--float32"]
        args = arguments([*line, "--start", str(tmp_path / "delta"), "--rate", "0", "--length", "16"])
        args.steps = 1
        train(load(RandomWeights(SHAPE, bias=True)), [(samples, 1.0)], {}, args, base)
        state: dict[str, Any] = torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)
        return state["trained"]

    begun = {name: each.detach().numpy() for name, each in start("4", ABOUT["base"]).items()}
    scale = 32.0 / 4  # alpha / rank
    for name, (up, down) in dict(low_rank(begun, scale)).items():
        assert np.allclose(up @ down, np.matmul(*factors[name]), atol=2e-4), name
    with pytest.raises(ValueError, match="has rank 4, not 8"):
        start("8", ABOUT["base"])
    with pytest.raises(SystemExit, match="another base"):
        start("4", {"base": "c" * 64})


def test_the_delta_says_where_it_comes_from() -> None:
    delta = delta_of({}, ABOUT, "r1")
    assert delta.origin == ORIGIN
    assert delta.prompts == ("fim_v1", "next_edit_v1")
    assert set(delta.data) == {"next_edit", "fill_in_middle"}
    assert delta.special == {"<x>": "<y>"}
    assert delta.run == "r1"


def test_balancing_keeps_the_product_and_rounds_better() -> None:
    random = np.random.default_rng(2)
    spread = np.geomspace(1, 1e-3, 16, dtype=np.float32)  # a few components do most of the work
    up = random.standard_normal((120, 16)).astype(np.float32) * spread
    down = random.standard_normal((16, 90)).astype(np.float32) * spread[::-1, None]
    new_up, new_down = balanced(up, down)
    assert np.allclose(new_up @ new_down, up @ down, atol=1e-5)
    errors = [
        rounding_error({"0.out": pair}, delta_of({"0.out": pair}, ABOUT, "r"))
        for pair in ((up, down), (new_up, new_down))
    ]
    assert errors[1] < 0.02
    assert errors[1] < errors[0]


def test_a_full_tune_becomes_its_best_low_rank_part() -> None:
    base = RandomWeights(SHAPE)
    random = np.random.default_rng(3)
    trained, tuned = {}, {}
    for index in range(SHAPE.layers):
        layer = base.layer(index)
        for name in LINEARS:
            rows, columns = getattr(layer, name).shape
            change = random.standard_normal((rows, 4)) @ random.standard_normal((4, columns)) / 100
            tuned[f"{index}.{name}"] = (getattr(layer, name) + change).astype(np.float32)
            trained[f"layers.{index}.{name}.weight"] = tuned[f"{index}.{name}"]
    delta = delta_of(dict(differences(trained, base, rank=4)), ABOUT, "r")
    merged = Tuned(base, delta.origin, Named(delta, "d" * 64))
    for index in range(SHAPE.layers):
        for name in LINEARS:
            wanted = tuned[f"{index}.{name}"]
            size = np.linalg.norm(wanted - getattr(base.layer(index), name))
            assert np.linalg.norm(getattr(merged.layer(index), name) - wanted) < 0.02 * size


def test_the_command_reads_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {
        "about": {**ABOUT, "options": {"rank": 2, "alpha": 4.0}},
        "trained": {
            "layers.0.out.up": torch.ones(64, 2),
            "layers.0.out.down": torch.ones(2, 64),
        },
    }
    torch.save(state, tmp_path / "checkpoint.pt")
    out = tmp_path / "deltas" / "d"
    monkeypatch.setattr("sys.argv", ["export", str(tmp_path), "--run", "r9", "--out", str(out)])
    export.main()
    read = read_delta(out).delta
    assert read.run == "r9"
    assert np.allclose(read.updates["0.out"].change(), 4.0, rtol=0.02)
