"""A file cut down for training holds the very weights of the whole one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.delta import Origin
from engine.gguf_file import GgufFile
from engine.weights import GgufWeights
from tests.support.tiny_gguf import write_gguf
from training.base import open_base, write_slim

ORIGIN = Origin(base="b" * 64, vocabulary="v" * 64)


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
@pytest.mark.parametrize("cut", [False, True])
def test_the_weights_are_the_same(tmp_path: Path, kind: str, cut: bool) -> None:
    source = write_gguf(tmp_path / "whole.gguf", kind)
    kept = np.arange(0, 250, 2) if cut else None
    write_slim(source, kept, ORIGIN, tmp_path / "slim.gguf")
    assert (tmp_path / "slim.gguf").stat().st_size < source.stat().st_size
    whole = GgufWeights(GgufFile(source), kept)
    slim, origin = open_base(str(tmp_path / "slim.gguf"))
    assert origin == ORIGIN
    assert slim.architecture == whole.architecture
    assert np.array_equal(slim.embedding(), whole.embedding())
    assert np.array_equal(slim.final_norm(), whole.final_norm())
    for index in range(whole.architecture.layers):
        before, after = whole.layer(index), slim.layer(index)
        for field in before.__dataclass_fields__:
            assert np.array_equal(getattr(after, field), getattr(before, field)), field
