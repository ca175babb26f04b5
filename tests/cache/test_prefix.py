from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from cache.prefix import PrefixCache, common_length

ROW = 2 * 3 * 4 * 4  # bytes of one token's payload: [2, 3, n, 4] fp32


def payload(tokens: list[int]) -> NDArray[Any]:
    """Stand-in for keys and values: like them, an entry depends on all tokens up to its own."""
    rows = np.array([hash(tuple(tokens[: n + 1])) % 1_000_003 for n in range(len(tokens))], np.float32)
    return np.broadcast_to(rows[None, None, :, None], (2, 3, len(rows), 4))


def held(cache: PrefixCache, tokens: list[int]) -> int:
    """Return the length of the match after comparing its payload with the truth."""
    match = cache.match(tokens)
    got = np.concatenate([np.empty((2, 3, 0, 4), np.float32), *match.segments], axis=2)
    assert np.array_equal(got, payload(tokens[: match.length]))
    return match.length


def test_match_of_shared_and_diverging_sequences() -> None:
    cache = PrefixCache(1 << 20)
    cache.insert([1, 2, 3, 4], payload([1, 2, 3, 4]))
    cache.insert([1, 2, 5], payload([1, 2, 5]))
    assert cache.bytes == 5 * ROW
    assert held(cache, [1, 2, 3, 4, 9]) == 4
    assert held(cache, [1, 2, 5, 5]) == 3
    assert held(cache, [1, 2, 9]) == 2
    assert held(cache, [9]) == 0
    cache.check()


def test_a_payload_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="payload of 3 for 2"):
        PrefixCache(1 << 20).insert([7, 8], payload([7, 8, 9]))


def test_least_recently_used_leaf_goes_first_and_shared_starts_stay() -> None:
    cache = PrefixCache(6 * ROW)
    cache.insert([1, 2, 3, 4], payload([1, 2, 3, 4]))
    cache.insert([1, 2, 5, 6], payload([1, 2, 5, 6]))
    held(cache, [1, 2, 3, 4])
    cache.insert([7], payload([7]))
    assert held(cache, [1, 2, 5, 6]) == 2
    assert held(cache, [1, 2, 3, 4]) == 4
    assert held(cache, [7]) == 1
    cache.check()


def test_what_exceeds_the_budget_alone_is_not_held() -> None:
    cache = PrefixCache(3 * ROW)
    cache.insert([1, 2], payload([1, 2]))
    cache.insert([5, 6, 7, 8], payload([5, 6, 7, 8]))
    assert cache.bytes == 0
    cache.check()


def test_segments_survive_eviction_and_the_callers_buffer_is_copied() -> None:
    cache = PrefixCache(1 << 20)
    buffer = payload([1, 2, 3]).copy()
    cache.insert([1, 2, 3], buffer)
    buffer[:] = -1
    match = cache.match([1, 2, 3])
    cache.evict(0)
    assert np.array_equal(match.segments[0], payload([1, 2, 3]))


@pytest.mark.parametrize(
    ("a", "b", "length"), [([], [], 0), ([1], [2], 0), ([1, 2], [1], 1), ([1, 2], [1, 3], 1)]
)
def test_common_length(a: list[int], b: list[int], length: int) -> None:
    assert common_length(a, b) == length


tokens = st.lists(st.integers(0, 2), min_size=1, max_size=12)


class AgainstNaiveModel(RuleBasedStateMachine):
    """Random operations, compared with a plain list of the sequences that were inserted."""

    budget = 25

    def __init__(self) -> None:
        super().__init__()
        self.cache = PrefixCache(self.budget * ROW)
        self.inserted: list[list[int]] = []

    @rule(sequence=tokens)
    def insert(self, sequence: list[int]) -> None:
        self.cache.insert(sequence, payload(sequence))
        self.inserted.append(sequence)
        assert held(self.cache, sequence) == len(sequence)

    @rule(sequence=tokens)
    def match(self, sequence: list[int]) -> None:
        best = max((common_length(known, sequence) for known in self.inserted), default=0)
        length = held(self.cache, sequence)
        assert length <= best
        nodes = {tuple(known[: n + 1]) for known in self.inserted for n in range(len(known))}
        if len(nodes) <= self.budget:  # nothing can have been evicted
            assert length == best
            assert self.cache.bytes == len(nodes) * ROW

    @rule(limit=st.integers(0, 25))
    def evict(self, limit: int) -> None:
        self.cache.evict(limit * ROW)
        assert self.cache.bytes <= limit * ROW
        self.inserted = [known[: held(self.cache, known)] for known in self.inserted]

    @invariant()
    def sound(self) -> None:
        self.cache.check()


TestAgainstNaiveModel = AgainstNaiveModel.TestCase
TestAgainstNaiveModel.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
