from __future__ import annotations

from pathlib import Path

import pytest

from bench import engine
from bench.engine import Ours
from bench.tasks import CACHED, DRAFTS, NEW, PREFILLS, Task, perform, tasks


@pytest.fixture(scope="module")
def ours(tiny: Path) -> Ours:
    return Ours(tiny, threads=1, context=engine.CONTEXT)


@pytest.fixture(scope="module")
def code(ours: Ours) -> list[int]:
    return ours.tokenize("def f(x):\n    return x\n" * 150)


def test_a_pass_over_a_draft_says_what_one_token_at_a_time_says(ours: Ours, code: list[int]) -> None:
    ours.rollback(0)
    ours.evaluate(code[:300])
    one_by_one = [ours.evaluate([token]) for token in code[300:316]]
    ours.rollback(300)
    assert ours.verify(code[300:316]) == one_by_one


def test_each_repetition_brings_other_tokens(ours: Ours, code: list[int]) -> None:
    for task in [*tasks(0), Task("keystroke", NEW, 5)]:
        assert perform(ours, code, task) > 0
    assert len({task.kind for task in tasks(0)}) == 4


def test_figures_of_an_engine_in_its_own_process(tiny: Path) -> None:
    rounds: list[int] = []
    figures = engine.measure(tiny, None, threads=1, rounds=2, progress=lambda: rounds.append(1))
    assert list(figures) == ["tacit"]
    assert len(rounds) == 3, "one more, for warming up"
    ours = figures["tacit"]
    assert set(ours["prefill_tokens_per_s"]) == set(map(str, PREFILLS))
    assert set(ours["verify_ms"]) == set(map(str, DRAFTS))
    assert len(ours["keystroke_all_ms"]) == 2
    assert ours["rss_mb"] > 20
    assert ours["drafted_ms"] > 0


def test_a_model_that_cannot_be_loaded_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="tacit: "):
        engine.measure(tmp_path, None, threads=1, rounds=1)


def test_a_peer_that_fails_is_named_and_ours_is_measured(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "available", lambda: True)
    figures = engine.measure(tiny, tmp_path / "none.gguf", threads=1, rounds=1)
    assert list(figures["llama.cpp"]) == ["failed"]
    assert figures["tacit"]["keystroke_ms"] > 0
    assert "ratio" not in figures


def test_the_cached_tokens_are_real_code(ours: Ours) -> None:
    assert len(ours.tokenize(engine.sample())) > CACHED + NEW
