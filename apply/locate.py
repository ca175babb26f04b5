"""Where a sketch belongs: its solid rows aligned with the file's solid lines.

Structure is looked at twice. In the alignment, the first line of a definition weighs more than other lines;
after it, a function that the sketch shows whole is aligned anew with the whole function of the file, so that
whatever its old body had and the new one has not goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from apply.align import align
from apply.candidates import marks_outside, problem_of
from apply.doubts import rivals, without
from apply.idle import idle_parts
from apply.lines import FileLines, key
from apply.problem import USUAL, Alignment, Prices, Problem, Step, part
from apply.rows import Kind, Row, Sketch, width
from apply.structure import Outline, is_header
from text.matching import Change, changes

_STRUCTURAL = frozenset([Kind.GAP, Kind.GONE, Kind.SOFT])
FEW = 3  # lines at the top of a file that may go without being shown
COVERED = 0.6  # of an old function's lines: without markers, what shows as many shows it whole


@dataclass(frozen=True)
class Location:
    """Where a sketch belongs: steps in its rows and the file's lines; pairs of places that are as good.

    `left` counts lines of the file, behind the last new one, of which the sketch does not say whether they
    go.
    """

    steps: tuple[Step, ...]
    rivals: tuple[tuple[int, int], ...] = ()
    left: int = 0


def locate(
    sketch: Sketch,
    file: FileLines,
    outline: Outline,
    forbidden: Collection[tuple[int, int]] = (),
    prices: Prices = USUAL,
) -> Location:
    """The best alignment of `sketch` with `file`, and what speaks against it.

    `forbidden` are rows that must not be certain lines.
    """
    if sketch.whole:
        return Location(tuple(_rewrite(sketch, file)))
    kept = [index for index, row in enumerate(sketch.rows) if row.is_solid or row.kind in _STRUCTURAL]
    solid = replace(sketch, rows=tuple(sketch.rows[index] for index in kept))
    problem = problem_of(solid, file, outline, prices)
    for row, line in forbidden:
        problem = without(problem, kept.index(row), int(file.rank[line]))
    found = align(problem)
    if _starts_the_file(solid, file, found):
        problem = replace(problem, open_start=False)
        found = align(problem)
    idle = _idle(sketch, file, kept, found)
    doubts = tuple(
        (int(file.solid[one]), int(file.solid[other])) for one, other in rivals(problem, found, idle)
    )
    if not sketch.explicit:
        found = _with_whole_functions(solid, file, outline, problem, found)
    left = _left_in_block(solid, found)
    if 0 < left <= FEW or _drops_the_rest(solid, file, found):
        left = 0
        found = replace(found, steps=tuple(_dropped(step, len(solid.rows)) for step in found.steps))
    return Location(tuple(_in_full(sketch, file, kept, found)), doubts, left)


def _in_full(sketch: Sketch, file: FileLines, kept: Sequence[int], found: Alignment) -> Iterator[Step]:
    """The steps of an alignment of solid rows and lines, in all rows and lines."""
    rows, lines = [*kept, len(sketch.rows)], [*map(int, file.solid), len(file)]
    return (Step(what, rows[row], lines[line]) for what, row, line in found.steps)


def _idle(sketch: Sketch, file: FileLines, kept: Sequence[int], found: Alignment) -> set[int]:
    """The solid rows of parts that change nothing."""
    if sketch.explicit:
        return set()
    parts = idle_parts(sketch, file, tuple(_in_full(sketch, file, kept, found)))
    idle = {row for part in parts for row in range(*part)}
    return {index for index, row in enumerate(kept) if row in idle}


def _starts_the_file(sketch: Sketch, file: FileLines, found: Alignment) -> bool:
    """Whether the sketch begins where the file does, though it does not show the file's first lines.

    So it is where it marks what it leaves out, but nothing before its first piece, which changes nothing: it
    is there to say that the few lines right above it go.
    """
    gaps = [index for index, row in enumerate(sketch.rows) if row.kind is Kind.GAP]
    if sketch.explicit or not gaps or gaps[0] == 0:
        return False
    first = [step for step in found.steps if step.row < gaps[0] and step.what != "keep"]
    if any(step.what != "match" for step in first) or is_header(sketch.rows[0].text):
        return False
    skipped = file.indents[: first[0].line]
    if not len(skipped) or int(skipped.min()) < width(sketch.rows[0].text):
        return False
    return first[0].line <= FEW and int(file.solid[first[0].line]) == first[0].line


def _left_in_block(sketch: Sketch, found: Alignment) -> int:
    """How many lines the file goes on with where the sketch breaks off in a block, with a new line.

    A sketch that marks what it leaves out and has no marker there says either that they go, or nothing.
    """
    steps = [step for step in found.steps if step.row < len(sketch.rows)]
    left = [step.line for step in found.steps if step.row == len(sketch.rows) and step.what == "keep"]
    shared = [step for step in steps if step.what == "match"]
    if sketch.explicit or not left or not shared or not marks_outside(sketch.rows):
        return 0
    return 0 if sketch.rows[-1].kind is Kind.GAP else len(left)


def _drops_the_rest(sketch: Sketch, file: FileLines, found: Alignment) -> bool:
    """Whether the file is to end where the sketch does.

    So it is where the sketch marks what it leaves out, has no marker at its end, and its last piece changes
    nothing: it is there to say that what follows goes.
    """
    rows = sketch.rows
    if sketch.explicit or not rows or rows[-1].kind is not Kind.LINE:
        return False
    if rows[-1].text.rstrip().endswith((":", "{", "(", "[")) or not any(row.kind is Kind.GAP for row in rows):
        return False
    start = max(index for index, row in enumerate(rows) if row.kind is Kind.GAP)
    last = [step for step in found.steps if step.row > start and step.what != "keep"]
    return all(
        step.what == "match" and key(rows[step.row].text) == file.keys[int(file.solid[step.line])]
        for step in last
    )


def _dropped(step: Step, end: int) -> Step:
    """What the file has behind the sketch, deleted."""
    return step._replace(what="delete") if step.row == end else step


def _rewrite(sketch: Sketch, file: FileLines) -> Iterator[Step]:
    """The steps from a file to a sketch of all of it: what both have stays, and everything else goes."""
    rows = [index for index, row in enumerate(sketch.rows) if row.is_solid]
    lines = [*map(int, file.solid), len(file)]
    row = line = 0
    found = changes([key(sketch.rows[each].text) for each in rows], [file.keys[each] for each in lines[:-1]])
    for start, end, first, last in [*found, Change(len(rows), len(rows), len(lines) - 1, len(lines) - 1)]:
        yield from (Step("match", rows[row + each], lines[line + each]) for each in range(start - row))
        yield from (Step("delete", start, lines[each]) for each in range(first, last))
        yield from (Step("insert", rows[each], lines[last]) for each in range(start, end))
        row, line = end, last


def _with_whole_functions(
    sketch: Sketch, file: FileLines, outline: Outline, problem: Problem, found: Alignment
) -> Alignment:
    """`found`, with each function that the sketch shows whole aligned from its first line to its last."""
    spans: list[tuple[int, int, int, int]] = []
    matched = [step for step in found.steps if step.what == "match"]
    for step in matched:
        if spans and step.row < spans[-1][1]:
            continue
        definition = outline.header_at(int(file.solid[step.line]))
        if definition is None or not definition.is_function or definition.end <= definition.line + 1:
            continue
        last = int(file.rank[definition.end])
        end = _end_of(sketch.rows, step.row)
        old = [file.keys[int(each)] for each in file.solid[step.line : last]]
        others = [each.row for each in matched if each.row > step.row and each.line >= last]
        end = min([end, *others, *_next_header(sketch.rows, step.row, end, old)])
        while end > step.row + 1 and sketch.rows[end - 1].kind is Kind.SOFT:
            end -= 1
        if any(other.row >= end and other.line < last for other in matched if other.line > step.line):
            continue  # what follows the function in the sketch is in it in the file
        at = {each.row: each.line - step.line for each in matched}
        if _is_whole(sketch.rows, step.row, end, old, at):
            spans.append((step.row, end, step.line, last))
    if not spans:
        return found
    steps: list[Step] = []
    row = line = 0
    for start, end, first, last in spans:
        begun = row > 0 or not problem.open_start
        steps += align(part(problem, row, start, line, first, not begun, open_end=False)).moved(row, line)
        steps += align(
            part(problem, start, end, first, last, open_start=False, open_end=False, soft=False)
        ).moved(start, first)
        row, line = end, last
    size = len(problem.indents)
    steps += align(part(problem, row, len(problem.rows), line, size, open_start=False)).moved(row, line)
    return Alignment(found.score, tuple(steps))


def _end_of(rows: Sequence[Row], start: int) -> int:
    """The row after the definition that begins on row `start`: what is deeper, and what closes it.

    Where a marker inside leaves something out, `start`: it is not whole.
    """
    depth = width(rows[start].text)
    end = start + 1
    for index in range(start + 1, len(rows)):
        row = rows[index]
        if row.kind is Kind.GAP:
            return start if row.indent > depth else end
        if row.kind is Kind.SOFT:
            continue
        inside = (row.indent if row.kind is Kind.GONE else width(row.text)) > depth
        if not inside and not row.text.lstrip().startswith((")", "]", "}", "{")):
            return end
        end = index + 1
        if not inside and row.text.lstrip().startswith("}"):
            return end
    return end


def _next_header(rows: Sequence[Row], start: int, end: int, old: Sequence[str]) -> Iterator[int]:
    """Rows in [start, end) that begin a definition, behind what may be a gap, which the function lacks."""
    for index in range(start + 1, end):
        text = rows[index].text
        if rows[index - 1].kind is Kind.SOFT and is_header(text) and key(text) not in old:
            yield index


def _is_whole(rows: Sequence[Row], start: int, end: int, old: Sequence[str], at: Mapping[int, int]) -> bool:
    """Whether rows [start, end) show all of a function whose lines are `old`; rows are lines `at` these."""
    marked = any(row.kind is Kind.GAP for row in rows)
    shown = [key(row.text) for row in rows[start:end] if row.is_solid]
    if len(shown) < 2 or shown[-1].endswith((":", "{", "(", "[", ",")):
        return False
    if old[-1].startswith("}"):
        last = next(row for row in reversed(rows[start:end]) if row.is_solid)
        if not shown[-1].startswith("}") or width(last.text) > width(rows[start].text):
            return False
    elif shown[-1] in old and not shown[-1].startswith(("return", "raise")):
        # Perhaps the marker after it only stands too far to the left.
        last_row = max(row for row in range(start, end) if rows[row].is_solid)
        usual = max(index for index, each in enumerate(old) if each == shown[-1])
        left = len(old) - 1 - (usual if marked else at.get(last_row, usual))
        if left > (max(3, 0.3 * len(old)) if marked else 0):
            return False
    if any(row.kind is Kind.SOFT for row in rows):
        return sum(each in shown for each in old) >= COVERED * len(old)
    return True
