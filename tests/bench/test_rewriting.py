from __future__ import annotations

from pathlib import Path

from bench.rewriting import TASKS, measure
from engine.load import load_model


def test_every_region_is_found_and_has_a_sketch() -> None:
    for task in TASKS:
        request = task.request()
        assert request.is_possible
        assert request.shown
        assert request.region.endswith("\n")
        assert 5 < request.region.count("\n") < 40


def test_in_fp32_both_ways_write_the_same(tiny: Path) -> None:
    turns: list[int] = []
    model = load_model(str(tiny), threads=1, context=4096, cache_bytes=0)
    figures = measure(model, rounds=1, tasks=TASKS[2:3], progress=lambda: turns.append(1))
    assert (figures["equal"], figures["tolerance_nats"]) == (1.0, 0.0)
    assert figures["tokens"] > 0
    assert figures["speedup"] > 0
    assert figures["first_hunk_ms"]["n"] == len(turns) == 1
