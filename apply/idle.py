"""Parts of a sketch that, as it was read, change nothing.

A sketch shows a part because something changes there, or to say where another part belongs. Else the part was
put in the wrong place, or what goes was taken for what is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from apply.lines import FileLines, key
from apply.problem import Step
from apply.rows import Kind, Sketch


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
