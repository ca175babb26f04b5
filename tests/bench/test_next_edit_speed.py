"""The session that next edits are timed with, and one small measurement."""

from __future__ import annotations

from itertools import pairwise

from bench import next_edit_speed
from bench.session import load


def test_the_session_is_typed_key_by_key() -> None:
    states = next_edit_speed.moments(next_edit_speed.SESSION, load(next_edit_speed.SESSION))
    sizes = [sum(len("".join(lines)) for lines in next(states).files.values()) for _ in range(20)]
    assert all(abs(after - before) <= 1 for before, after in pairwise(sizes))
    assert len(set(sizes)) > 5


def test_a_measurement_times_every_key() -> None:
    calls: list[None] = []
    figures = next_edit_speed.measure(keys=12, progress=lambda: calls.append(None))
    assert figures["symbols"]["n"] == len(calls) == 12
    assert 0 < figures["symbols"]["p50"] <= figures["symbols"]["p99"]
