from __future__ import annotations

import pytest

from engine.drafts import NgramDrafter

LOOKUP = [1, 2, 3, 4, 5, 9, 2, 3, 4, 6, 7, 1, 2, 3]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([1, 2, 3, 4], [5, 9, 2, 3]),  # the longest common context wins over the last place
        ([8, 2, 3, 4], [6, 7, 1, 2]),  # of two equally long ones the last place wins
        ([9, 2, 3, 4, 6], [7, 1, 2, 3]),
        ([4, 6], []),  # too little in common
        ([8, 8, 8], []),
        ([], []),
        ([6, 7, 1, 2], [3]),  # there the lookup ends
    ],
)
def test_prompt_lookup(tokens: list[int], expected: list[int]) -> None:
    drafter = NgramDrafter(LOOKUP, shortest=3)
    assert list(drafter.draft(tokens, 4)) == expected
    assert list(drafter.draft(tokens, 1)) == expected[:1]


def test_a_draft_is_at_most_twice_as_long_as_the_agreement() -> None:
    lookup = list(range(100))
    for common in (2, 5, 30):
        start = 40 - common
        tokens = [999, *range(start, 40)]
        assert list(NgramDrafter(lookup).draft(tokens, 128)) == list(range(40, 40 + 2 * common))


def test_a_context_longer_than_the_lookup() -> None:
    assert list(NgramDrafter([5, 6, 7, 8], shortest=2).draft([9, 9, 5, 6], 10)) == [7, 8]
    assert list(NgramDrafter([], shortest=1).draft([1, 2], 10)) == []
