"""The GGUF reader, beside the one of the `gguf` package."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from engine.gguf_file import GgufError, GgufFile
from tests.support.tiny_gguf import WIDTH, tokens, write_gguf


@pytest.fixture(params=["llama", "qwen2"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "tiny.gguf", request.param)


def test_reads_what_the_other_reader_reads(path: Path) -> None:
    file, other = GgufFile(path), gguf.GGUFReader(path)
    assert file.value("tokenizer.ggml.tokens", list) == tokens()
    for key, field in other.fields.items():
        if not key.startswith("GGUF."):
            found = field.contents()
            assert file.value(key, type(found)) == found, key
    for tensor in other.tensors:
        expected = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        assert np.array_equal(file.tensor(tensor.name), expected), tensor.name


def test_picks_rows(path: Path) -> None:
    file = GgufFile(path)
    rows = np.array([3, 0, 250])
    assert np.array_equal(file.tensor("token_embd.weight", rows), file.tensor("token_embd.weight")[rows])
    assert file.rows("token_embd.weight") == len(tokens())
    assert file.tensor("output_norm.weight").shape == (WIDTH,)


def test_says_what_is_missing(path: Path) -> None:
    file = GgufFile(path)
    with pytest.raises(GgufError, match=r"no\.such\.key"):
        file.value("no.such.key", str)
    with pytest.raises(GgufError, match=r"general\.architecture"):
        file.value("general.architecture", int)
    with pytest.raises(GgufError, match="no tensor 'blk'"):
        file.tensor("blk")
    assert file.get("no.such.key", 7) == 7


@pytest.mark.parametrize("cut", [0, 3, 20, 30, 100, 1000, 5000, 20000, -1])
def test_a_cut_file_is_refused(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(GgufError, match=r"tiny\.gguf"):
        GgufFile(path)


def test_flipped_bytes_in_the_header_do_no_harm(path: Path) -> None:
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[random.integers(0, 6000)] ^= int(random.integers(1, 256))
        path.write_bytes(damaged)
        try:
            file = GgufFile(path)
            file.tensor("output_norm.weight")
        except GgufError:
            pass
