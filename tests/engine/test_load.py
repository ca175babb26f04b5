from __future__ import annotations

from pathlib import Path

import pytest

from engine.converted import CARD, GRAPH, TOKENIZER
from engine.errors import PrepareError
from engine.load import load_model
from tests.support.tiny import greedy
from tests.support.tiny_folder import SHAPE, tiny_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A converted model as `engine.prepare` leaves it."""
    return tiny_folder(tmp_path / "tiny")


def test_a_loaded_model_writes_what_its_graph_says(folder: Path) -> None:
    model = load_model(str(folder), threads=1, context=300)
    prompt = model.tokenizer.encode("def f(): ")
    answer = model.generate(prompt, max_tokens=10)
    assert model.context == 300
    assert list(answer.tokens) == greedy(folder / GRAPH, prompt, len(answer.tokens))


def test_the_context_is_bounded_by_the_rotary_tables(folder: Path) -> None:
    assert load_model(str(folder), context=100_000).context == SHAPE.context


def test_a_model_that_was_not_made_ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path))
    with pytest.raises(PrepareError, match="not ready") as raised:
        load_model("smollm2-135m")
    assert "tacit models pull smollm2-135m" in raised.value.remedy


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER, CARD])
def test_a_damaged_folder(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\0" * 100)
    with pytest.raises(PrepareError, match="cannot be loaded") as raised:
        load_model(str(folder))
    assert "tacit models rm" in raised.value.remedy
