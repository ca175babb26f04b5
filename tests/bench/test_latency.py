from __future__ import annotations

import json

import pytest

from bench.latency import Answer, Options, Pace, figures, measure
from tests.support.scripted_server import command

SCRIPT = {
    "return ": "a + b\n",
    "def sum": "_by_category(entries",
    "    for ": "entry in entries:\n",
}


def answer(ms: float, ghost: str = "", superseded: bool = False, typed_through: bool = False) -> Answer:
    return Answer("k", ms, ghost, superseded, typed_through)


def test_figures_tell_kinds_of_answers_apart() -> None:
    result = figures(
        [
            *(answer(ms, "ghost") for ms in range(100, 200)),
            answer(0.5, "host", typed_through=True),
            answer(20),
            answer(500, superseded=True),
        ]
    )
    assert (result["keys"], result["superseded"], result["shown"]) == (103, 1, 101)
    assert result["model_ms"] == {"n": 100, "p50": 149, "p90": 189, "p99": 198, "max": 199}
    assert result["typed_through_ms"]["n"] == 1
    assert result["silent_ms"]["p50"] == 20
    assert result["answered_ms"]["n"] == 102


@pytest.mark.slow
@pytest.mark.parametrize("pace", ["paced", "waited"])
def test_a_replay_through_a_real_server(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.latency.IDLE_SECONDS", 0.5)
    result = measure(Options(pace, keys=60, gap_ms=20), command(SCRIPT))
    assert result["keys"] == 60
    assert result["model_ms"]["n"] >= 1, "new ghost text"
    assert result["typed_through_ms"]["n"] > 10, "and what is left of it"
    assert result["errors"] == 0
    assert result["exit_status"] == 0
    assert result["rss_mb"] > 20
    assert 0 <= result["prefix_cache_hit_rate"] <= 1
    json.dumps(result)
