from __future__ import annotations

import math
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")

import torch

from engine.architecture import Architecture
from engine.weights import RandomWeights
from training.bits import bits, sampled
from training.data.examples import FillInMiddle
from training.data.shards import write_shard
from training.model import load

pytestmark = pytest.mark.train

SHAPE = Architecture(
    vocab=64, width=32, layers=1, heads=2, kv_heads=1, head_dim=16, ffn=48,
    context=64, rope_theta=1e4, eps=1e-5,
)  # fmt: skip


def test_a_model_that_knows_nothing_needs_all_bits() -> None:
    decoder = load(RandomWeights(SHAPE, bias=False))
    with torch.no_grad():
        decoder.embedding.weight.zero_()
    assert math.isclose(bits(decoder, [[1, 2, 3], [4, 5]]), 3 * math.log2(SHAPE.vocab), rel_tol=1e-5)


def test_each_text_is_read_for_itself() -> None:
    decoder = load(RandomWeights(SHAPE, bias=False))
    first, second = [1, 2, 3, 4], [9, 8, 7]
    together = bits(decoder, [first, second])
    assert math.isclose(together, bits(decoder, [first]) + bits(decoder, [second]), rel_tol=1e-5)


def test_every_file_gives_its_longest_beginning(tmp_path: Path) -> None:
    def cut(path: str, prefix: str, middle: str) -> FillInMiddle:
        return FillInMiddle("o/n", "c", path, "python", "line", prefix, middle, "", 0)

    cuts = [cut("b.py", "x = ", "1"), cut("a.py", "y", ""), cut("b.py", "x = 1\n", "y = 2")]
    write_shard(tmp_path / "s.shard", FillInMiddle, "recipe", iter(cuts))
    assert sampled([tmp_path / "s.shard"], 5) == ["y", "x = 1\ny = 2"]
    assert sampled([tmp_path / "s.shard"], 1) == ["y"]
