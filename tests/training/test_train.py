"""The trainer: it learns, and a run that was stopped ends as if it had not been."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

import torch

from engine.architecture import Architecture
from engine.weights import RandomWeights
from training.lora import updates
from training.model import load
from training.samples import Sample, Samples
from training.train import CHECKPOINT, LOG, arguments, schedule, train

pytestmark = pytest.mark.train

SHAPE = Architecture(
    vocab=64, width=32, layers=2, heads=4, kv_heads=2, head_dim=8, ffn=48,
    context=64, rope_theta=1e4, eps=1e-5,
)  # fmt: skip


def counting(start: int) -> Sample:
    made = Sample()
    made.add([start])
    made.add([(start + n) % SHAPE.vocab for n in range(1, 6)], learned=True, branch=1)
    made.add([(start - n) % SHAPE.vocab for n in range(1, 6)], learned=True, branch=2)
    return made


SAMPLES = Samples.of([counting(start) for start in range(40)], {"task": "count"}, SHAPE.vocab)


def options(out: Path, *more: str) -> Namespace:
    fixed = "--base x --data x --steps 20 --warm-up 4 --length 48 --rows 3 --held-out-every 5"
    return arguments([*fixed.split(), "--out", str(out), *more])


def trained(out: Path, *more: str) -> dict[str, Any]:
    args = options(out, *more)
    train(load(RandomWeights(SHAPE, bias=True)), [(SAMPLES, 1.0)], {"same": SAMPLES}, args, {"base": "b"})
    state: dict[str, Any] = torch.load(out / CHECKPOINT, weights_only=True)
    return state


def log(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / LOG).read_text().splitlines()]


@pytest.mark.parametrize(
    "how",
    [["--float32"], ["--rank", "4"], ["--rank", "4", "--float32", "--accumulate", "2"]],
    ids=["all", "low-rank", "accumulated"],
)
def test_a_stopped_run_ends_with_the_same_bits(tmp_path: Path, how: list[str]) -> None:
    whole = trained(tmp_path / "whole", *how)
    trained(tmp_path / "parts", *how, "--stop-after", "10")
    assert len(log(tmp_path / "parts")) == 10
    parts = trained(tmp_path / "parts", *how)
    assert parts["step"] == whole["step"] == 20
    for name, tensor in whole["trained"].items():
        assert torch.equal(parts["trained"][name], tensor), name
    losses = [[entry["loss"] for entry in log(tmp_path / each)] for each in ("whole", "parts")]
    assert losses[0] == losses[1]


def test_it_learns(tmp_path: Path) -> None:
    trained(tmp_path, "--float32", "--rate", "1e-2", "--steps", "60")
    entries = log(tmp_path)
    assert entries[0]["loss"] > 3
    assert entries[-1]["loss"] < 1
    known = entries[-1]["held_out"]["same"]
    assert known["loss"] < 1
    assert known["exact"] > entries[4]["held_out"]["same"]["exact"]
    assert "keep" not in known
    assert [entry["step"] for entry in entries if "held_out" in entry] == list(range(5, 61, 5))


def test_low_rank_updates_learn_and_leave_the_base_alone(tmp_path: Path) -> None:
    decoder = load(RandomWeights(SHAPE))
    args = options(tmp_path, "--rank", "8", "--float32", "--rate", "2e-2", "--steps", "60")
    train(decoder, [(SAMPLES, 1.0)], {}, args, {})
    losses = [entry["loss"] for entry in log(tmp_path)]
    assert losses[-1] < 0.7 * losses[0]
    base = RandomWeights(SHAPE)
    assert np.array_equal(decoder.embedding.weight.detach().numpy(), base.embedding())
    frozen = dict(updates(decoder))["0.down"].base
    assert np.array_equal(frozen.weight.numpy(), base.layer(0).down)


def test_accumulating_is_one_larger_batch(tmp_path: Path) -> None:
    together = trained(tmp_path / "together", "--float32", "--rows", "4", "--stop-after", "1")
    apart = trained(tmp_path / "apart", "--float32", "--rows", "2", "--accumulate", "2", "--stop-after", "1")
    assert log(tmp_path / "together")[0]["loss"] == pytest.approx(log(tmp_path / "apart")[0]["loss"])
    for name, tensor in together["trained"].items():
        assert torch.allclose(apart["trained"][name], tensor, atol=2e-4), name


def test_another_runs_checkpoint_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, "--float32", "--stop-after", "2")
    with pytest.raises(SystemExit, match="another run"):
        trained(tmp_path, "--float32", "--rate", "1e-5")


def test_a_run_stops_when_its_time_is_over(tmp_path: Path) -> None:
    assert trained(tmp_path, "--float32", "--minutes", "0")["step"] == 1
    assert "held_out" in log(tmp_path)[0]


def test_the_rate_goes_up_in_a_line_and_down_to_a_tenth() -> None:
    rates = [schedule(index, 10, 100) for index in range(100)]
    assert rates[:10] == pytest.approx([(n + 1) / 10 for n in range(10)])
    assert rates[10] == 1
    assert all(first > second for first, second in pairwise(rates[10:]))
    assert math.isclose(rates[-1], 0.1, abs_tol=0.01)


@pytest.mark.parametrize("arguments_", [[], ["--base", "x"], ["--base", "x", "--data", "y"]])
def test_what_is_missing_is_named(arguments_: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(arguments_)
    assert "--out" in capsys.readouterr().err


def test_smoke() -> None:
    from training.train import main

    main(["--smoke"])
