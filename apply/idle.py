"""Parts of a sketch that, as it was read, change nothing.

A sketch shows a part because something changes there, or to say where another part belongs. Else the part was
put in the wrong place, or what goes was taken for what is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from apply.lines import FileLines, key
from apply.problem import Step
from apply.rows import Kind, Sketch, width

NEAR = 40  # lines that may go without a word


def idle_parts(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """The runs of rows, half-open, between what is left out, in which nothing changes."""
    left = {step.row for step in steps if step.what == "keep"}
    cuts = [
        index
        for index, row in enumerate(sketch.rows)
        if row.kind is Kind.GAP or (row.kind is Kind.SOFT and index in left)
    ]
    busy = {step.row for step in steps if _changes(sketch, file, step)}
    busy.update(_respaced(sketch, file, steps))
    for before, end in zip([-1, *cuts], [*cuts, len(sketch.rows)], strict=True):
        own = range(before + 1, end)
        if any(sketch.rows[row].is_solid for row in own) and busy.isdisjoint([*own, end]):
            yield before + 1, end


def idle_objections(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A part changes nothing, though no marker says that it only shows where others belong.

    It may be the head of what holds the next part. Also with markers, no part begins with what only closes
    another: something before it goes.
    """
    marked = any(row.kind is Kind.GAP for row in sketch.rows)
    parts = list(idle_parts(sketch, file, steps))
    if sum(row.is_solid for part in parts for row in sketch.rows[slice(*part)]) == sum(
        row.is_solid for row in sketch.rows
    ):
        return  # all of the sketch: that is told otherwise
    for start, end in parts:
        shown = [row.text for row in sketch.rows[start:end] if row.is_solid]
        following = next((row.text for row in sketch.rows[end:] if row.is_solid), "")
        holds = any(
            text.rstrip().endswith((":", "{", "("))
            and width(text) < min(map(width, [*shown[at + 1 :], following]))
            for at, text in enumerate(shown)
        )
        closes = any(row.is_blank for row in sketch.rows[start:end]) and not re.search(r"\w", shown[0])
        if not holds and (not marked or closes or _goes_on_below(file, steps, start, end)):
            yield (
                f"The part that begins with {shown[0].strip()!r} would change nothing: "
                "something beside it may be to go."
            )


def _goes_on_below(file: FileLines, steps: Sequence[Step], start: int, end: int) -> bool:
    """Whether the last line of a part that changes nothing stands again a little below it.

    Then all between the two may be to go, as far as what the sketch shows.
    """
    last = max(step.line for step in steps if start <= step.row < end and step.what == "match")
    rank = int(file.rank[last])
    following = takewhile(lambda step: step.what == "keep", (step for step in steps if step.line > last))
    left = sum(1 for _ in following)
    below = file.solid[rank + 1 : rank + 1 + min(left, NEAR)]
    return any(
        file.keys[int(line)] == file.keys[last] and file.indents[line] == file.indents[last] for line in below
    )


def _changes(sketch: Sketch, file: FileLines, step: Step) -> bool:
    if step.what == "match":
        row = sketch.rows[step.row]
        return bool(row.written) or key(row.text) != file.keys[step.line]
    return step.what != "keep"


def _respaced(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[int]:
    """Rows behind which the sketch shows blank lines, and the file has more of them or fewer."""
    matched = [step for step in steps if step.what == "match"]
    for one, other in pairwise(matched):
        shown, own = sketch.rows[one.row + 1 : other.row], file.keys[one.line + 1 : other.line]
        if shown and not any(own) and all(row.is_blank for row in shown) and len(shown) != len(own):
            yield one.row
