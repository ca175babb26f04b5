"""One global alignment of a sketch's rows with a file's lines, by dynamic programming.

It is Gotoh's algorithm ("An improved algorithm for matching biological sequences", 1982) with the sketch's
own kinds of gaps: markers, which skip lines of the file for nothing; deletions, which are dear unless
something new comes in their place; insertions; and comments that announce a deletion. A row of the table is
one numpy operation over all lines of the file, and a match is looked at only where it is possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apply.rows import Kind, Row, width
from text.matching import longest_rising

Vector = NDArray[np.float64]
Places = NDArray[np.int64]

INSERT_OPEN, INSERT = 0.2, 0.02
DELETE_OPEN, DELETE_ONLY = 0.2, 0.3
EMPTY_GAP, BLANK_GAP = 0.8, 0.3  # a marker that leaves nothing out; nothing but blank lines
SCOPE, SCOPE_LIMIT = 0.25, 0.5  # a gap that leaves the block it stands in: per line, and at most
GONE_FOR_NOTHING = 1.0  # a deletion comment after which nothing goes
UNMATCHED = 3.0  # a line that a diff says is in the file, and is not
LATER_START = 0.1  # lines of the file before the first row
TOLD_START, TOLD_END = (
    0.4,
    0.8,
)  # the same, and behind the last row, in a sketch that has markers but none there
NEVER = -1e9

CELLS = 200_000  # rows times lines: bigger problems are cut where rows and lines certainly belong together
MOST_CELLS = 6_000_000  # what 150 MB hold
HOLD = 0.6  # what a match has to be worth for that


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


def align(problem: Problem) -> Alignment:
    """The best alignment of `problem`; of a big one, between the blocks that are certain.

    Raises TooBigError where what is left between them is too big.
    """
    if len(problem.rows) * len(problem.indents) <= CELLS:
        return _Table(problem).best()
    score = 0.0
    steps: list[Step] = []
    row = line = 0
    for first, start, length in _blocks(problem):
        between = part(problem, row, first, line, start, row == 0 and problem.open_start, False)
        found = _Table(between).best()
        steps += found.moved(row, line)
        steps += [Step("match", first + each, start + each) for each in range(length)]
        score += found.score
        row, line = first + length, start + length
    rest = part(
        problem,
        row,
        len(problem.rows),
        line,
        len(problem.indents),
        row == 0 and problem.open_start,
        problem.open_end,
    )
    found = _Table(rest).best()
    return Alignment(score + found.score, (*steps, *found.moved(row, line)))


def _blocks(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Runs of rows that are runs of lines, as (row, line, length), held by two lines that occur only once."""
    pairs = [
        (row, int(at[0]))
        for row, (at, gains) in enumerate(problem.matches)
        if len(at) == 1 and gains[0] >= HOLD
    ]
    count = Counter(line for _, line in pairs)
    held = longest_rising([pair for pair in pairs if count[pair[1]] == 1])
    start = 0
    for index in range(1, len(held) + 1):
        if index < len(held) and _are_one_run(problem, held[index - 1], held[index]):
            continue
        (row, line), (last, _) = held[start], held[index - 1]
        if index - start > 1 and last - row > 1:
            yield row, line, last - row + 1
        start = index


def _are_one_run(problem: Problem, one: tuple[int, int], other: tuple[int, int]) -> bool:
    length = other[0] - one[0]
    return other[1] - one[1] == length and all(
        one[1] + each in problem.matches[one[0] + each][0] for each in range(1, length)
    )


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


class _Table:
    """Per row, and number of lines that are used up: the best score of each way to get there."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = len(problem.indents)
        if len(problem.rows) * self.size > MOST_CELLS:
            raise TooBigError
        shape = (len(problem.rows) + 1, self.size + 1)
        self.matched = np.full(shape, NEVER)  # ends with a match, or with a marker
        self.inserted = np.full(shape, NEVER)
        self.deleted = np.full(shape, NEVER)
        self._empty_gap = np.where(problem.blank, BLANK_GAP, EMPTY_GAP)
        if problem.explicit:
            # Nobody wrote these markers: they say nothing against the first or the last line of the file.
            self._empty_gap[[0, -1]] = 0.0
        self.cost = np.concatenate([[0.0], np.cumsum(problem.line_cost)])
        self.matched[0] = -(TOLD_START if self.problem.told else LATER_START)
        self.matched[0, 0] = 0
        if not problem.open_start:
            self.matched[0, 1:] = NEVER
            self._delete(0)
        for index in range(len(problem.rows)):
            self._fill(index)

    def best(self) -> Alignment:
        last = len(self.problem.rows)
        ends = self._before(last)
        if self.problem.told and self.problem.rows and self.problem.rows[-1].kind is not Kind.GAP:
            ends = np.where(np.arange(self.size + 1) < self.size, ends - TOLD_END, self._stay(last))
        end = int(np.argmax(ends)) if self.problem.open_end else self.size
        rest = [Step("keep", last, line) for line in range(end, self.size)]
        return Alignment(float(ends[end]), (*self._trace(last, end), *rest))

    # -- forwards

    def _fill(self, index: int) -> None:
        row = self.problem.rows[index]
        here = index + 1
        if row.kind is Kind.GAP:
            self.matched[here] = self._gap(index)
            return
        if row.kind is Kind.GONE:
            self.matched[here] = self._gone(index)
            return
        if row.kind is Kind.SOFT:
            self.matched[here] = np.maximum(self.matched[index], self._soft(index))
            self.inserted[here], self.deleted[here] = self.inserted[index], self.deleted[index]
            return
        at, gains = self.problem.matches[index]
        before = self._before(index)
        if len(at):
            self.matched[here, at + 1] = before[at] + gains
        opening, price = self._insertion(row)
        begun = np.maximum(self.matched[index] - opening, self.inserted[index]) - self.problem.torn.get(
            index, 0.0
        )
        before = np.maximum(begun, self.deleted[index])
        self.inserted[here] = before - price - self.problem.dear.get(index, 0.0)
        self._delete(here)

    def _before(self, index: int) -> Vector:
        """The best score of each place once `index` rows are used up."""
        best: Vector = np.maximum(self._stay(index), self.deleted[index] - self._only(index))
        return best

    def _only(self, index: int) -> float:
        closed = (index == 0 and not self.problem.open_start) or (
            index == len(self.problem.rows) and not self.problem.open_end
        )
        return 0.0 if closed else DELETE_ONLY

    def _delete(self, here: int) -> None:
        best = np.maximum.accumulate(self.matched[here] + self.cost)[:-1]
        self.deleted[here, 1:] = best - DELETE_OPEN - self.cost[1:]

    def _insertion(self, row: Row) -> tuple[float, float]:
        if row.kind in (Kind.KNOWN, Kind.OLD):
            return 0.0, UNMATCHED
        return (0.0, 0.0) if row.kind is Kind.NEW else (INSERT_OPEN, INSERT)

    def _stay(self, index: int) -> Vector:
        """As `_before`, without what ends in a deletion: a marker never takes over from one."""
        best: Vector = np.maximum(self.matched[index], self.inserted[index])
        return best

    def _crossings(self, index: int) -> Vector:
        """How many lines before each place would leave the block that the marker `index` stands in."""
        depth = self._depth(index)
        return np.concatenate([[0.0], np.cumsum(self.problem.indents < depth)]) * SCOPE

    def _depth(self, index: int) -> int:
        rows = self.problem.rows
        depth = rows[index].indent
        following = next((row for row in rows[index + 1 :] if row.kind not in (Kind.GAP, Kind.SOFT)), None)
        if following is None:
            return depth
        shown = following.indent if following.kind is Kind.GONE else width(following.text)
        return min(depth, shown)

    def _gap(self, index: int) -> Vector:
        stay = self._stay(index)
        crossed = self._crossings(index)
        inside = np.maximum.accumulate(stay + crossed) - crossed
        outside = np.maximum.accumulate(stay) - SCOPE_LIMIT
        skipped = np.full(self.size + 1, NEVER)
        skipped[1:] = np.maximum(inside[:-1] + crossed[:-1] - crossed[1:], outside[:-1])
        best: Vector = np.maximum(skipped, stay - self._empty_gap)
        return best

    def _soft(self, index: int) -> Vector:
        best: Vector = np.maximum.accumulate(self._before(index))
        return best - (self.problem.prices.soft_gap if self.problem.soft else -NEVER)

    def _gone(self, index: int) -> Vector:
        before = self._stay(index)
        best = np.full(self.size + 1, NEVER)
        reach = np.maximum.accumulate(before + self.cost) - self.cost
        for named in self.problem.named.get(index, ()):
            best[named.end] = max(best[named.end], reach[named.start] + named.gain)
        best = np.maximum.accumulate(best + self.cost) - self.cost
        either: Vector = np.maximum(best, before - GONE_FOR_NOTHING)
        return either

    # -- backwards

    def _trace(self, index: int, line: int) -> list[Step]:
        steps: list[Step] = []
        state = self._state(index, line)
        while True:
            if (
                index
                and self.problem.rows[index - 1].kind is Kind.SOFT
                and not (state == "matched" and self._is_soft(index - 1, line))
            ):
                index -= 1
            elif state == "deleted":
                steps.append(Step("delete", index, line - 1))
                line -= 1
                stays = self.deleted[index, line] > self.matched[index, line] - DELETE_OPEN
                state = "deleted" if stays and line > 0 else "matched"
            elif index == 0:
                steps += [Step("keep", -1, each) for each in range(line - 1, -1, -1)]
                return steps[::-1]
            elif state == "inserted":
                opening, _ = self._insertion(self.problem.rows[index - 1])
                options = {
                    "matched": self.matched[index - 1, line] - opening - self._torn(index - 1, line),
                    "inserted": self.inserted[index - 1, line] - self._torn(index - 1, line),
                    "deleted": self.deleted[index - 1, line],
                }
                state = max(options, key=lambda each: options[each])
                index -= 1
                steps.append(Step("insert", index, line))
            else:
                index -= 1
                line = self._undo_match(index, line, steps)
                kept = self.problem.rows[index].kind in (Kind.GAP, Kind.GONE)
                state = self._state(index, line, without_deletion=kept)

    def _torn(self, index: int, line: int) -> float:
        torn = self.problem.torn.get(index)
        return 0.0 if torn is None else float(torn[line])

    def _state(self, index: int, line: int, without_deletion: bool = False) -> str:
        options = {"matched": self.matched[index, line], "inserted": self.inserted[index, line]}
        if not without_deletion:
            options["deleted"] = self.deleted[index, line] - self._only(index)
        return max(options, key=lambda each: options[each])

    def _undo_match(self, index: int, line: int, steps: list[Step]) -> int:
        """Step back over row `index`, which was matched or skips lines; the place before it."""
        kind = self.problem.rows[index].kind
        if kind is Kind.GAP:
            start = self._gap_start(index, line)
        elif kind is Kind.GONE:
            return self._undo_gone(index, line, steps)
        elif kind is Kind.SOFT:
            start = int(np.argmax(self._before(index)[: line + 1]))
        else:
            steps.append(Step("match", index, line - 1))
            return line - 1
        steps += [Step("keep", index, each) for each in range(line - 1, start - 1, -1)]
        return start

    def _gap_start(self, index: int, line: int) -> int:
        stay = self._stay(index)[: line + 1]
        crossed = self._crossings(index)[: line + 1]
        price = np.minimum(crossed[line] - crossed, SCOPE_LIMIT)
        price[line] = self._empty_gap[line]
        return int(np.argmax(stay - price))

    def _is_soft(self, index: int, line: int) -> bool:
        """Whether the blank lines at row `index` leave something out."""
        return bool(self._soft(index)[line] > self.matched[index, line])

    def _undo_gone(self, index: int, line: int, steps: list[Step]) -> int:
        before = self._stay(index)
        best, start = before[line] - GONE_FOR_NOTHING, line
        for named in self.problem.named.get(index, ()):
            if named.end <= line:
                reach = before[: named.start + 1] - (self.cost[named.start] - self.cost[: named.start + 1])
                source = int(np.argmax(reach))
                score = reach[source] + named.gain - (self.cost[line] - self.cost[named.end])
                if score > best:
                    best, start = score, source
        steps += [Step("delete", index, each) for each in range(line - 1, start - 1, -1)]
        return start
