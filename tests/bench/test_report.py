from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bench import report


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.9, 90), (0.99, 99), (1.0, 100), (0.001, 1), (0.505, 51)]
)
def test_percentiles_are_values_that_occurred(share: float, expected: int) -> None:
    assert report.percentile(range(100, 0, -1), share) == expected


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(report.percentile([], 0.5))
    assert report.summary([]) == {"n": 0, "p50": None, "p90": None, "p99": None, "max": None}


def test_the_machine_is_described() -> None:
    facts = report.machine()
    assert facts["cpu"]
    assert facts["threads"] >= 1
    assert "onnxruntime" in facts["libraries"]
    json.dumps(facts)


@pytest.mark.skipif(report.commit() is None, reason="not in a checkout")
def test_results_of_a_commit_are_kept_together(tmp_path: Path) -> None:
    report.save("engine-s", {"a": 1}, tmp_path)
    path = report.save("latency-s", {"b": 2}, tmp_path)
    assert path is not None
    document = json.loads(path.read_text("utf-8"))
    assert document["commit"] == path.stem == report.commit()
    assert document["benches"]["engine-s"]["a"] == 1
    assert document["benches"]["latency-s"]["machine"]["cpu"]
