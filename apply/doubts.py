"""Where a sketch could belong as well: the unique-match rule.

A piece that holds a line which its file has only once can go nowhere else. Any other piece is aligned again
with its best place forbidden, together with the others up to the next lines that are certain; if the next
place is about as good, nobody can tell which one is meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from apply.align import align
from apply.problem import Alignment, Problem, part
from apply.rows import Kind, pieces
from apply.table import SCOPE

# In the alignment's score: places that differ by less are equally good. That a marker would have to leave
# its block is no proof that a place in the next class is not meant.
MARGIN = SCOPE + 0.05
IDLE_MARGIN = 0.8  # for a piece that would change nothing where it fits best
ANCHOR = 0.6  # what a match has to be worth to hold a piece in its place


def rivals(problem: Problem, found: Alignment, idle: Container[int] = ()) -> Iterator[tuple[int, int]]:
    """For each piece that may go to two places: a solid line at either.

    Where a piece is held by a line of its own, the lines at its ends may still be in doubt. `idle` are rows
    of pieces that would change nothing.
    """
    at = {step.row: step.line for step in found.steps if step.what == "match"}
    spans = list(_spans(problem, found))
    for start, end in spans:
        matched = [row for row in range(start, end) if row in at]
        if not matched:
            continue
        rests = any(row in idle for row in matched)
        if rests or any(_is_anchor(problem, row, at[row]) for row in matched):
            solid = [row for row in range(start, end) if problem.rows[row].is_solid]
            doubtful = [
                row for row in (solid[0], solid[-1]) if row in at and not _is_anchor(problem, row, at[row])
            ]
        else:
            doubtful = [max(matched, key=lambda row: _worth(problem, row, at[row]))]
        if doubtful:
            margin = IDLE_MARGIN if rests else MARGIN
            yield from _elsewhere(problem, at, start, end, doubtful, margin)


def _elsewhere(
    problem: Problem, at: Mapping[int, int], start: int, end: int, doubtful: Sequence[int], margin: float
) -> Iterator[tuple[int, int]]:
    """Other places for some rows of a piece, between the nearest anchors, that are about as good."""
    held = [row for row, line in at.items() if _is_anchor(problem, row, line)]
    before = max((row for row in held if row < start), default=-1)
    behind = min((row for row in held if row >= end), default=len(problem.rows))
    first, last = before + 1, behind
    low = at[before] + 1 if before >= 0 else 0
    high = at[behind] if behind < len(problem.rows) else len(problem.indents)
    opened = part(
        problem, first, last, low, high, open_start=before < 0, open_end=behind == len(problem.rows)
    )
    best = align(opened)
    for row in doubtful:
        other = align(without(opened, row - first, at[row] - low))
        if best.score - other.score < margin:
            places = (step.line for step in other.steps if step.what == "match" and step.row == row - first)
            yield from ((at[row], place + low) for place in places)


def _is_anchor(problem: Problem, row: int, line: int) -> bool:
    return len(problem.matches[row][0]) == 1 and _worth(problem, row, line) >= ANCHOR


def _spans(problem: Problem, found: Alignment) -> Iterator[tuple[int, int]]:
    """The pieces between markers, also those that are only blank lines."""
    markers = {step.row for step in found.steps if step.what == "keep"}
    for start, end in pieces(problem.rows):
        cuts = [row for row in range(start, end) if row in markers and problem.rows[row].kind is Kind.SOFT]
        yield from zip([start, *[cut + 1 for cut in cuts]], [*cuts, end], strict=True)


def _worth(problem: Problem, row: int, line: int) -> float:
    places, gains = problem.matches[row]
    return float(gains[np.flatnonzero(places == line)[0]])


def without(problem: Problem, row: int, line: int) -> Problem:
    """The problem with one match forbidden."""
    places, gains = problem.matches[row]
    allowed = places != line
    matches = list(problem.matches)
    matches[row] = places[allowed], gains[allowed]
    return replace(problem, matches=matches)
