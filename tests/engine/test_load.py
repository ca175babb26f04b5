from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.architecture import Precision
from engine.converted import CARD, GRAPH, TOKENIZER, Probe, read_card, write_card
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


def test_a_machine_that_computes_something_else(folder: Path) -> None:
    card = read_card(folder)
    wrong = [value - 5 for value in card.probe.log_probabilities]
    probe = Probe(card.probe.tokens, card.probe.best, tuple(wrong))
    write_card(folder, msgspec.structs.replace(card, probe=probe))
    with pytest.raises(PrepareError, match="does not suit"):
        load_model(str(folder))


def test_nb8_stands_in_for_uq8_where_that_computes_something_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tiny_folder(tmp_path / "sound")
    card = read_card(folder)
    other = Probe(card.probe.tokens, card.probe.best, (-50.0,) * len(card.probe.best))
    write_card(folder, msgspec.structs.replace(card, probe=other))
    ready = {Precision.UQ8: folder, Precision.NB8: sound}
    monkeypatch.setattr("engine.load.converted", lambda _, precision: ready[precision])
    model = load_model("tiny", threads=1)
    assert model.generate([1, 2, 3], max_tokens=2).tokens
