from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.following import FollowingDrafter
from tests.support.tiny import tiny_model

ORIGINAL = list(range(100, 160))
PROMPT = [7, 8, 9]


def draft(written: Sequence[int], *others: Sequence[int], limit: int = 128) -> list[int]:
    return list(FollowingDrafter([ORIGINAL, *others], len(PROMPT)).draft([*PROMPT, *written], limit))


def test_the_original_is_drafted_from_its_start() -> None:
    assert draft([]) == ORIGINAL
    assert draft([], limit=16) == ORIGINAL[:16]


def test_the_prompt_is_not_taken_for_output() -> None:
    drafter = FollowingDrafter([[1, 2, *PROMPT, 4, 5]], len(PROMPT))
    assert list(drafter.draft([*PROMPT], 2)) == [1, 2]


@pytest.mark.parametrize(
    ("written", "due"),
    [
        (ORIGINAL[:20], 20),  # in step
        ([*ORIGINAL[:20], 1, 121, 122], 23),  # a token was replaced
        ([*ORIGINAL[:20], 1, 2, 3, 120, 121], 22),  # some were put in
        ([*ORIGINAL[:20], 140, 141], 42),  # a stretch went
        ([*ORIGINAL[:20], 121], 22),  # one went: near the place that was due, one that agrees will do
    ],
)
def test_back_in_step(written: list[int], due: int) -> None:
    drafter = FollowingDrafter([ORIGINAL], len(PROMPT))
    drafter.draft([*PROMPT, *ORIGINAL[:20]], 128)
    assert list(drafter.draft([*PROMPT, *written], 4)) == ORIGINAL[due : due + 4]


def test_far_away_one_token_is_not_enough() -> None:
    drafter = FollowingDrafter([ORIGINAL], len(PROMPT))
    drafter.draft([*PROMPT, *ORIGINAL[:5]], 128)
    assert list(drafter.draft([*PROMPT, *ORIGINAL[:5], 1, 150], 4)) == []


def test_new_code_is_drafted_from_the_sketch_and_then_the_original_again() -> None:
    sketch = [*ORIGINAL[18:20], 1, 2, 3, 4, *ORIGINAL[20:23]]
    drafter = FollowingDrafter([ORIGINAL, sketch], len(PROMPT))
    assert list(drafter.draft([*PROMPT, *ORIGINAL[:19]], 4)) == ORIGINAL[19:23]
    assert list(drafter.draft([*PROMPT, *ORIGINAL[:20], 1], 128)) == [2, 3, 4, *ORIGINAL[20:23]]
    assert list(drafter.draft([*PROMPT, *ORIGINAL[:20], 1, 2, 3, 4, *ORIGINAL[20:23]], 4)) == ORIGINAL[23:27]


def test_in_a_text_that_repeats_itself_the_place_is_kept() -> None:
    repeating = [*range(10), *range(10), *range(10), 99]
    drafter = FollowingDrafter([repeating], 0)
    written: list[int] = []
    while written != repeating:
        following = list(drafter.draft(written, 4))
        assert following == repeating[len(written) : len(written) + len(following)]
        written = repeating[: len(written) + len(following) + 1]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_following_changes_nothing_but_the_number_of_passes(graph: Path, seed: int) -> None:
    """The original is what the model writes, edited at random: also texts that are quite another thing."""
    rng = random.Random(seed)
    prompt = [rng.randrange(256) for _ in range(20)]
    plain = tiny_model(graph).generate(prompt, max_tokens=200)
    original = list(plain.tokens)
    for _ in range(rng.randint(0, 12)):
        at = rng.randrange(len(original) + 1)
        original[at : at + rng.randint(0, 9)] = [rng.randrange(256) for _ in range(rng.randint(0, 5))]
    sketch = original[: rng.randint(0, 30)]
    drafter = FollowingDrafter([original, sketch], len(prompt))
    answer = tiny_model(graph).generate(prompt, max_tokens=200, draft=drafter)
    assert (answer.tokens, answer.text, answer.finish) == (plain.tokens, plain.text, plain.finish)
    assert answer.usage.passes <= plain.usage.passes
