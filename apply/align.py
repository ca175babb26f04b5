"""One global alignment of a sketch's rows with a file's lines.

Big problems are cut where rows and lines certainly belong together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from apply.problem import Alignment, Problem, Step, part
from apply.table import Table
from text.matching import longest_rising

CELLS = 200_000  # rows times lines: bigger problems are cut
HOLD = 0.6  # what a match has to be worth to be certain, if it is the only one


def align(problem: Problem) -> Alignment:
    """The best alignment of `problem`; of a big one, between the blocks that are certain.

    Raises TooBigError where what is left between them is too big.
    """
    if len(problem.rows) * len(problem.indents) <= CELLS:
        return Table(problem).best()
    score = 0.0
    steps: list[Step] = []
    row = line = 0
    for first, start, length in _blocks(problem):
        between = part(problem, row, first, line, start, row == 0 and problem.open_start, False)
        found = Table(between).best()
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
    found = Table(rest).best()
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
