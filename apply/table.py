"""The table of an alignment's dynamic programming: one row for each row of the sketch.

It is Gotoh's algorithm ("An improved algorithm for matching biological sequences", 1982) with the sketch's
own kinds of gaps: markers, which skip lines of the file for nothing; deletions, which are dear unless
something new comes in their place; insertions; and comments that announce a deletion. A row of the table is
one numpy operation over all lines of the file, and a match is looked at only where it is possible.
"""

from __future__ import annotations

import numpy as np

from apply.problem import Alignment, Problem, Step, TooBigError, Vector
from apply.rows import Kind, Row, width

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

MOST_CELLS = 6_000_000  # what 150 MB hold


class Table:
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
        """The best way through all rows and lines."""
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
