"""The files and changes that apply is timed with, and one small measurement."""

from __future__ import annotations

import random

import pytest

from bench import apply_speed
from text.syntax import parse


def test_the_file_parses_and_has_its_size() -> None:
    text = apply_speed.source(1_000)
    syntax = parse(text, "python")
    assert syntax is not None
    assert syntax.error_count == 0
    assert 1_000 <= text.count("\n") <= 1_020
    changed = parse(apply_speed.changed(text, random.Random(2)), "python")
    assert changed is not None
    assert changed.error_count == 0


def test_a_measurement_counts_what_was_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_speed, "SIZES", (100,))
    monkeypatch.setattr(apply_speed, "ROUNDS", {100: 2})
    figures = apply_speed.measure()["100 lines"]
    assert figures["n"] >= 10
    assert 0 < figures["p50"] <= figures["p99"]
    assert 0.5 <= figures["applied"] <= 1
