"""Where the next edit may be: the true place among places that a simple search would propose as well."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice

from training.data.changes import Hunk
from training.data.classes import Tokens
from training.data.examples import Excerpt, Place
from training.data.names import occurrences

AROUND = 8  # lines kept on both sides of every place
FOCUS = (40, 24)  # lines kept before and after the one place that the example is about

_APPLIED = 2
_MENTIONS = 6
_FIRST_MENTIONS = 3  # of one name
_NEAR = 3
_NEAR_REACH = 25  # lines
_APART = 2  # a mention this close to another place adds nothing
_COMMON_NAME = 40  # a name on more lines than this points nowhere


class Mentions:
    """On which lines of a commit's files, as they were before it, the names of its hunks stand."""

    def __init__(self, files: Mapping[str, Sequence[str]], hunks: Iterable[Tokens]) -> None:
        self._lines: dict[str, list[tuple[str, int]]] = defaultdict(list)
        names = sorted({name for tokens in hunks for name in _telling(tokens)})
        for path in sorted(files):
            text = "\n".join(files[path])
            starts = list(accumulate((len(line) + 1 for line in files[path]), initial=0))
            for name in names:
                found = islice(occurrences(name, text), 2 * _COMMON_NAME)
                lines = {bisect_right(starts, at) for at in found}
                self._lines[name] += [(path, line) for line in sorted(lines)]

    def of(self, tokens: Tokens, near: Hunk) -> Iterator[tuple[str, int]]:
        """(path, line) for the names that one hunk brings or drops, rare names first, each from `near` on.

        Lines below the hunk come before those above it, other files last. The first few lines of every name
        come before the rest of any.
        """
        names = [name for name in _telling(tokens) if len(self._lines[name]) <= _COMMON_NAME]
        names.sort(key=lambda name: (len(self._lines[name]), name))
        by_name = [sorted(self._lines[name], key=lambda at: _remoteness(at, near)) for name in names]
        for lines in by_name:
            yield from lines[:_FIRST_MENTIONS]
        for lines in by_name:
            yield from lines[_FIRST_MENTIONS:]


class Layout:
    """Old line numbers of a commit's files and what they are after its first hunks."""

    def __init__(self, hunks: Sequence[Hunk], applied: int) -> None:
        self.hunks = hunks
        self.applied = applied
        self._done: dict[str, list[Hunk]] = defaultdict(list)
        for hunk in hunks[:applied]:
            self._done[hunk.path].append(hunk)

    def now(self, hunk: Hunk) -> Hunk:
        """`hunk` where it is now, moved by all that was applied above it."""
        above = (done for done in self._done.get(hunk.path, ()) if done.start < hunk.start)
        return hunk.moved(sum(done.growth for done in above))

    def line_now(self, path: str, line: int) -> int | None:
        """Where an old line is now, or None for one that an applied hunk has replaced."""
        moved = line
        for hunk in self._done.get(path, ()):
            if hunk.start <= line:
                if line < hunk.end:
                    return None
                moved += hunk.growth
        return moved


def candidates(
    layout: Layout,
    tokens: Sequence[Tokens],
    mentions: Mentions,
    files: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> tuple[list[Place], str]:
    """The places of one step, the target first where there is one, and the search that reaches it.

    `files` are the lines now.
    """
    places = _of_hunks(layout)
    target = places[0] if places and places[0].origin == "target" else None
    reached = ""
    for search, limit, found in (
        ("mention", _MENTIONS, _mentioned(layout, tokens, mentions)),
        ("near", _NEAR, _near(layout, files, chance)),
    ):
        for path, line in found:
            if target is not None and _touches(target, path, line):
                reached = reached or search
            elif limit and not any(_is_beside(place, path, line) for place in places):
                places.append(Place(path, line, 1, search))
                limit -= 1
    return places, reached


def excerpts(
    files: Mapping[str, Sequence[str]], places: Iterable[Place], focus: Place
) -> tuple[Excerpt, ...]:
    """The lines around all places, those that touch made one, in order of path and line."""
    ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place in places:
        before, after = FOCUS if place is focus else (AROUND, AROUND)
        end = min(place.start + place.count + after, len(files[place.path]) + 1)
        ranges[place.path].append((max(place.start - before, 1), end))
    return tuple(
        Excerpt(path, start, tuple(files[path][start - 1 : end - 1]))
        for path in sorted(ranges)
        for start, end in _united(ranges[path])
    )


def last_line(hunk: Hunk) -> int:
    """The last line that an applied hunk wrote; for a deletion the line that moved up."""
    return max(hunk.start + len(hunk.new) - 1, hunk.start)


def _of_hunks(layout: Layout) -> list[Place]:
    done, pending = layout.hunks[: layout.applied], layout.hunks[layout.applied :]
    places = []
    for index, hunk in enumerate(pending):
        now = layout.now(hunk)
        places.append(Place(now.path, now.start, len(now.old), "later" if index else "target"))
    for hunk in done[: -_APPLIED - 1 : -1]:
        now = layout.now(hunk)
        places.append(Place(now.path, now.start, len(now.new), "applied"))
    return places


def _mentioned(layout: Layout, tokens: Sequence[Tokens], mentions: Mentions) -> Iterator[tuple[str, int]]:
    """Lines now, by the names of the newest edit first."""
    for done in reversed(tokens[: layout.applied]):
        for path, line in mentions.of(done, done.hunk):
            now = layout.line_now(path, line)
            if now is not None:
                yield path, now


def _near(
    layout: Layout, files: Mapping[str, Sequence[str]], chance: random.Random
) -> Iterator[tuple[str, int]]:
    hunk = layout.now(layout.hunks[layout.applied - 1])
    lines = files[hunk.path]
    at = last_line(hunk)
    reach = range(max(at - _NEAR_REACH, 1), min(at + _NEAR_REACH, len(lines)) + 1)
    written = [line for line in reach if lines[line - 1].strip()]
    for line in chance.sample(written, min(3 * _NEAR, len(written))):
        yield hunk.path, line


def _telling(tokens: Tokens) -> set[str]:
    """The names that a hunk brings or drops; all of its names where it only moves them about."""
    return tokens.brought | tokens.dropped or tokens.new_names


def _remoteness(at: tuple[str, int], near: Hunk) -> tuple[bool, bool, int, str]:
    path, line = at
    return (path != near.path, line < near.start, abs(line - near.start), path)


def _touches(place: Place, path: str, line: int) -> bool:
    return place.path == path and place.start - 1 <= line <= place.start + place.count


def _is_beside(place: Place, path: str, line: int) -> bool:
    return place.path == path and place.start - _APART < line < place.start + max(place.count, 1) - 1 + _APART


def _united(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result
