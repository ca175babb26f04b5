"""Readings of a sketch in which nothing goes.

New code often resembles the code beside it: one more test, one more case, one more entry. An alignment likes
to take such a part for a changed version of its neighbour, which is lost then. Where the lines at both ends
of a part stand next to each other in the file, all that is between them may as well be new; unless it holds a
line that the file has only once, which nobody writes a second time, or more that would be written twice than
would be lost otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apply.lines import FileLines, informative, key, loose_key
from apply.problem import Step
from apply.rows import Kind, Sketch, pieces, width

TWICE = 0.5  # how unlikely a line is written twice, beside how unlikely one is lost
HELD = 3.0  # the same of a line that the file has once
TELLING = 0.5  # what a line has to tell to be no mere bracket


def insertion_objections(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Parts that take lines away, and may as well only put some in; in sentences."""
    at = {step.row: step.line for step in steps if step.what == "match"}
    for start, end in _parts(sketch, steps):
        lost = [file.lines[line] for line in _lost(sketch, file, steps, start, end)]
        if not lost:
            continue
        low = max((line for row, line in at.items() if row < start), default=-1)
        high = min((line for row, line in at.items() if row >= end), default=len(file))
        rows = [row for row in range(start, end) if sketch.rows[row].is_solid]
        texts = [sketch.rows[row].text for row in rows]
        ends = high == len(file) and end == len(sketch.rows)
        for place, first, last in _places(texts, file, int(file.rank[low + 1]), int(file.rank[high]), ends):
            twice = [texts[each] for each in range(first, last) if _stays(sketch, file, at, rows[each])]
            cost = sum(informative(each) * (HELD if _is_held(each, file) else TWICE) for each in twice)
            if _is_whole(texts, first, last) and max(cost, TELLING) <= sum(map(informative, lost)):
                line = int(file.solid[place]) if place < len(file.solid) else len(file)
                yield f"{lost[0].strip()!r} may be to go, or what is new comes in at line {line + 1}."
                return


def _is_whole(rows: Sequence[str], first: int, last: int) -> bool:
    """Whether rows [first, last) are statements of their own: they close nothing that was open before them.

    Where what they begin with follows them too, as the end of a block does, they may as well begin behind it.
    """
    while last < len(rows) and _closes(rows[first]) and key(rows[first]) == key(rows[last]):
        first, last = first + 1, last + 1
    return not _closes(rows[first]) and width(rows[first]) <= min(map(width, rows[first:last]))


def _closes(line: str) -> bool:
    return line.lstrip().startswith((")", "]", "}"))


def _stays(sketch: Sketch, file: FileLines, at: Mapping[int, int], row: int) -> bool:
    """Whether a row is a line of the file as it is."""
    return row in at and loose_key(sketch.rows[row].text) == loose_key(file.lines[at[row]])


def _parts(sketch: Sketch, steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """The runs of rows between what is left out, half-open."""
    left = {step.row for step in steps if step.what == "keep"}
    for start, end in pieces(sketch.rows):
        cuts = [row for row in range(start, end) if row in left and sketch.rows[row].kind is Kind.SOFT]
        yield from zip([start, *cuts], [*cuts, end], strict=True)


def _lost(sketch: Sketch, file: FileLines, steps: Sequence[Step], start: int, end: int) -> Iterator[int]:
    """The lines of the file that a part takes away, or changes."""
    for what, row, line in steps:
        if start <= row < end and (
            what == "delete"
            or (what == "match" and loose_key(sketch.rows[row].text) != loose_key(file.lines[line]))
        ):
            yield line


def _places(
    rows: Sequence[str], file: FileLines, low: int, high: int, ends: bool
) -> Iterator[tuple[int, int, int]]:
    """Solid lines in (low, high) before which a part may come in, and which rows [first, last) would be new.

    The rows before and behind these are the lines around that place; where the sketch `ends` the file, it may
    be behind all lines.
    """
    shown = [loose_key(row) for row in rows]
    own = [loose_key(file.lines[int(line)]) for line in file.solid[low:high]]
    size = len(own)
    heads: dict[int, int] = {}  # how many of the first rows are the lines right before a place
    for first in (at for at in range(size) if own[at] == shown[0]):
        for count in range(1, min(len(shown), size - first + 1)):
            if own[first + count - 1] != shown[count - 1]:
                break
            heads[first + count] = count
    if ends and size in heads:
        yield high, heads[size], len(rows)
    for last in (at for at in range(size) if own[at] == shown[-1]):
        for count in range(1, min(len(shown), last + 2)):
            if own[last + 1 - count] != shown[-count]:
                break
            head = heads.get(last + 1 - count, 0)
            new = shown[head : len(rows) - count]
            if head and new:
                yield low + last + 1 - count, head, len(rows) - count


def _is_held(line: str, file: FileLines) -> bool:
    """Whether a line is a telling one that the file has once."""
    return len(file.loose_places.get(loose_key(line), ())) == 1 and informative(line) >= TELLING
