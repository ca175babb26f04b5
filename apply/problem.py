"""What is to be aligned: a sketch's rows with the lines that they may be; and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apply.rows import Row

Vector = NDArray[np.float64]
Places = NDArray[np.int64]


class Prices(NamedTuple):
    """What is a matter of taste: a sketch that is clear is read alike at all of them."""

    delete: float = 0.05  # a line
    header: float = 3.0  # more, if it is a definition's
    local: float = 1.0  # of one inside a function
    soft_gap: float = 0.5  # a blank line that leaves something out


USUAL = Prices()


class Named(NamedTuple):
    """Lines [start, end) of the file, which a deletion comment may name."""

    start: int
    end: int
    gain: float


class Step(NamedTuple):
    """One step of an alignment: what becomes of a row, of a line, or of both."""

    what: str  # "match", "insert", "delete", "keep"
    row: int
    line: int


@dataclass(frozen=True)
class Problem:
    """What is to be aligned: each row with the lines that it may be, and what each of these is worth."""

    rows: Sequence[Row]
    matches: Sequence[tuple[Places, Vector]]
    indents: Places
    blank: NDArray[np.bool_]  # for each line, and for the end: whether blank lines are before it
    explicit: bool = False
    line_cost: Vector = field(default_factory=lambda: np.zeros(0))  # of deleting each line
    named: dict[int, list[Named]] = field(default_factory=dict)
    dear: dict[int, float] = field(default_factory=dict)  # what more it costs to insert a row
    torn: dict[int, Vector] = field(default_factory=dict)  # the same at each place, where nothing is replaced
    open_start: bool = True  # lines of the file before the first row, and behind the last one, stay
    open_end: bool = True
    soft: bool = True  # whether a SOFT row may leave lines out
    told: bool = False  # whether the sketch has markers: what it leaves out without one is strange
    prices: Prices = USUAL


@dataclass(frozen=True)
class Alignment:
    """The best alignment: its score and its steps, in order."""

    score: float
    steps: tuple[Step, ...]

    def moved(self, rows: int, lines: int) -> tuple[Step, ...]:
        """The steps of a part, counted as in the whole."""
        return tuple(Step(what, row + rows, line + lines) for what, row, line in self.steps)


class TooBigError(Exception):
    """So many lines with so little in common that their table would fill the memory."""


def part(
    problem: Problem,
    start: int,
    end: int,
    first: int,
    last: int,
    open_start: bool = True,
    open_end: bool = True,
    soft: bool = True,
) -> Problem:
    """Rows [start, end) and lines [first, last) of a problem, as one of its own."""

    def within(row: int) -> tuple[Places, Vector]:
        at, gains = problem.matches[row]
        inside = (at >= first) & (at < last)
        return at[inside] - first, gains[inside]

    return replace(
        problem,
        rows=problem.rows[start:end],
        matches=[within(row) for row in range(start, end)],
        indents=problem.indents[first:last],
        blank=problem.blank[first : last + 1],
        line_cost=problem.line_cost[first:last],
        dear={row - start: price for row, price in problem.dear.items() if start <= row < end},
        torn={
            row - start: each[first : last + 1] for row, each in problem.torn.items() if start <= row < end
        },
        named={
            row - start: [
                Named(a - first, b - first, gain) for a, b, gain in named if first <= a and b <= last
            ]
            for row, named in problem.named.items()
            if start <= row < end
        },
        open_start=open_start,
        open_end=open_end,
        soft=soft,
    )
