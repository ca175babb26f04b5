"""What two sequences have in common, in bounded time.

Elements that occur exactly once on either side are matched first, as far as their order agrees (patience
diff, Bram Cohen); what lies between them is treated the same way, and where nothing is unique, Myers' greedy
algorithm ("An O(ND) Difference Algorithm", 1986) looks for a shortest script of at most LIMIT steps. Beyond
that the stretch counts as rewritten. So the time is O(n log n) per round of anchors, plus O(n * LIMIT),
whatever the input is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

LIMIT = 128
ROUNDS = 8


class Change(NamedTuple):
    """old[old_start:old_end] became new[new_start:new_end]; half-open, at least one of them not empty."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Change]:
    """Where `old` and `new` differ, in order; between two changes they are equal."""
    found: list[Change] = []
    for change in _changes(old, new, Change(0, len(old), 0, len(new)), ROUNDS):
        if found and found[-1].old_end == change.old_start and found[-1].new_end == change.new_start:
            found[-1] = found[-1]._replace(old_end=change.old_end, new_end=change.new_end)
        else:
            found.append(change)
    return found


def common_prefix(a: str, b: str) -> int:
    """How many characters `a` and `b` share at their start."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: str, b: str, spare: int = 0) -> int:
    """How many characters `a` and `b` share at their end, without the first `spare` of either."""
    low, high = 0, min(len(a), len(b)) - spare
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _changes(old: Sequence[Hashable], new: Sequence[Hashable], area: Change, rounds: int) -> Iterator[Change]:
    area = _shrink(old, new, area)
    i, old_end, j, new_end = area
    if i == old_end or j == new_end:
        if i < old_end or j < new_end:
            yield area
        return
    anchors = _anchors(old, new, area) if rounds else []
    if not anchors:
        yield from _shortest(old, new, area)
        return
    for x, y in [*anchors, (old_end, new_end)]:
        yield from _changes(old, new, Change(i, x, j, y), rounds - 1)
        i, j = x + 1, y + 1


def _shrink(old: Sequence[Hashable], new: Sequence[Hashable], area: Change) -> Change:
    i, old_end, j, new_end = area
    while i < old_end and j < new_end and old[i] == new[j]:
        i, j = i + 1, j + 1
    while i < old_end and j < new_end and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    return Change(i, old_end, j, new_end)


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], area: Change) -> list[tuple[int, int]]:
    """Places of elements unique on both sides: the longest run of them that is in the same order on both."""
    old_count = Counter(old[area.old_start : area.old_end])
    new_count = Counter(new[area.new_start : area.new_end])
    place = {new[j]: j for j in range(area.new_start, area.new_end) if new_count[new[j]] == 1}
    pairs = [
        (i, place[old[i]])
        for i in range(area.old_start, area.old_end)
        if old_count[old[i]] == 1 and old[i] in place
    ]
    return longest_rising(pairs)


def longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence in which the second members rise as well, by patience sorting.

    The first members of `pairs` rise.
    """
    tops: list[int] = []  # tops[n]: the smallest second member that ends a rising run of n + 1 pairs
    at: list[int] = []  # at[n]: which pair that is
    before: list[int] = []  # before[p]: the pair ahead of pair p in its run, or -1
    for index, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        before.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [j]
        at[pile : pile + 1] = [index]
    run = []
    index = at[-1] if at else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _shortest(old: Sequence[Hashable], new: Sequence[Hashable], area: Change) -> Iterator[Change]:
    """The changes of a shortest script through `area`; all of it where that takes over LIMIT steps."""
    i0, old_end, j0, new_end = area
    n, m = old_end - i0, new_end - j0
    reach = {1: 0}  # on the diagonal k = x - y, the furthest x that the steps so far can reach
    trail: list[dict[int, int]] = []
    for steps in range(min(n + m, LIMIT) + 1):
        trail.append(reach.copy())
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < n and x - k < m and old[i0 + x] == new[j0 + x - k]:
                x += 1
            reach[k] = x
            if x >= n and x - k >= m:
                yield from _walk_back(trail, area)
                return
    yield area


def _walk_back(trail: list[dict[int, int]], area: Change) -> list[Change]:
    """Single steps of the script, first to last, each a Change of one element."""
    x, y = area.old_end - area.old_start, area.new_end - area.new_start
    steps = []
    for count in range(len(trail) - 1, 0, -1):
        reach, k = trail[count], x - y
        down = k == -count or (k != count and reach[k - 1] < reach[k + 1])
        k += 1 if down else -1
        x, y = reach[k], reach[k] - k
        i, j = area.old_start + x, area.new_start + y
        steps.append(Change(i, i + (not down), j, j + down))
    return steps[::-1]
