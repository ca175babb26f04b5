"""What a user accepts and rejects moves the probabilities, by kind, and no further than it should."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from completion.calibration import Correction, Outcome, fit

OUTCOMES = st.lists(
    st.builds(Outcome, st.sampled_from(["rename", "insert"]), st.floats(0, 1), st.booleans()), max_size=60
)


def test_nothing_is_corrected_without_outcomes() -> None:
    assert fit([]) == Correction()
    assert Correction()("rename", 0.61) == 0.61


def test_a_few_dozen_rejections_move_it_measurably() -> None:
    correction = fit([Outcome("insert", 0.7, False)] * 30)
    assert correction("insert", 0.7) < 0.3
    assert correction("insert", 0.7) < correction("rename", 0.7) < 0.7


def test_a_handful_moves_it_little() -> None:
    assert 0.5 < fit([Outcome("insert", 0.8, False)] * 3)("insert", 0.8) < 0.8


def test_one_kind_may_be_trusted_and_another_not() -> None:
    correction = fit([Outcome("insert", 0.7, False), Outcome("rename", 0.7, True)] * 30)
    assert correction("insert", 0.7) < 0.45
    assert correction("rename", 0.7) > 0.8


def test_a_gate_that_is_right_is_left_alone() -> None:
    dice = random.Random(4)
    probabilities = [dice.uniform(0.3, 0.95) for _ in range(400)]
    correction = fit([Outcome("rename", p, dice.random() < p) for p in probabilities])
    assert all(abs(correction("rename", p) - p) < 0.12 for p in (0.4, 0.6, 0.8, 0.9))


def test_what_was_long_ago_counts_less() -> None:
    old, new = [Outcome("rename", 0.7, False)] * 60, [Outcome("rename", 0.7, True)] * 60
    assert fit([*old, *new])("rename", 0.7) > fit([*new, *old])("rename", 0.7) + 0.05


@given(OUTCOMES)
def test_what_is_more_probable_stays_so(outcomes: list[Outcome]) -> None:
    correction = fit(outcomes)
    for kind in ("rename", "insert", "never seen"):
        values = [correction(kind, p / 20) for p in range(21)]
        assert values == sorted(values)
        assert all(0 <= value <= 1 for value in values)
