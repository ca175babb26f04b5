from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import measuring
from engine.measuring import measure
from engine.tiers import Speed, choose
from tests.support.tiny import SHAPES

SMALL, MEDIUM = "smollm2-135m", "qwen2.5-coder-0.5b"


@pytest.mark.parametrize(
    ("small_ms", "medium_ms", "limit_ms", "expected"),
    [
        (60, 170, 300, MEDIUM),
        (120, 340, 300, SMALL),
        (900, 2700, 300, SMALL),  # too slow for both: the smaller evil
        (60, 170, 100, SMALL),
        (60, 170, 170, MEDIUM),
    ],
)
def test_the_largest_model_within_the_limit(
    small_ms: float, medium_ms: float, limit_ms: float, expected: str
) -> None:
    speed = Speed("here", {"S": small_ms, "M": medium_ms, "L": 10_000})
    assert choose(speed, limit_ms) == expected


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Tiers of toy size, an idle machine, and a cache folder of the test's own."""
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(measuring, "SHAPES", dict.fromkeys("SM", SHAPES["llama"]))
    monkeypatch.setattr("psutil.getloadavg", lambda: (0.0, 0.0, 0.0))
    return tmp_path / "cache" / "speed.json"


def test_measured_once_for_each_machine(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speed = measure(threads=1)
    assert set(speed.line_ms) == {"S", "M", "L"}
    assert all(ms > 0 for ms in speed.line_ms.values())
    assert "1 threads" in speed.machine

    def again(*_: object) -> dict[str, float]:
        return {"S": 7.0}

    monkeypatch.setattr(measuring, "_measure", again)
    assert measure(threads=1) == speed
    assert measure(threads=2).line_ms == {"S": 7.0}


def test_what_a_busy_machine_could_do_holds_until_it_is_quiet(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = 1000.0
    monkeypatch.setattr("psutil.getloadavg", lambda: (load, 0.0, 0.0))
    first = measure(threads=1)
    assert first.busy
    assert measure(threads=1) == first

    load = 0.0
    assert measure(threads=1) == first, "for an hour"
    os.utime(quick, (0, 0))
    second = measure(threads=1)
    assert not second.busy
    load = 1000.0
    assert measure(threads=1) == second


@pytest.mark.parametrize("content", [b"", b"{", b'{"machine": 3}'])
def test_a_damaged_record_is_measured_anew(quick: Path, content: bytes) -> None:
    quick.parent.mkdir()
    quick.write_bytes(content)
    assert set(measure(threads=1).line_ms) == {"S", "M", "L"}


@pytest.mark.slow
def test_real_shapes_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path))
    line_ms = measure().line_ms
    assert line_ms["S"] < line_ms["M"] < line_ms["L"]
