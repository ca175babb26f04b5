"""Whether a rewriting is what its sketch says: for results that no alignment has led to.

A model may write anything. What is accepted of it has to be explained by the sketch line by line, and by the
same rules as everywhere else: what comes in stands in the sketch, what goes stood where the sketch shows
something else, and the sketch has nothing to add.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np

from apply.lines import FileLines, loose_key, stands_for
from apply.locate import locate
from apply.problem import TooBigError
from apply.rows import Kind, Sketch
from apply.structure import Outline
from text.matching import changes
from text.syntax import Syntax


def unexplained(sketch: Sketch, before: FileLines, after: FileLines, syntax: Syntax | None) -> str | None:
    """Why `after`, whose tree is `syntax`, is not `before` with `sketch` merged in; None if it is."""
    try:
        steps = locate(sketch, after, Outline(after, syntax)).steps
    except TooBigError:
        return "The rewriting has too little of the sketch to be compared with it."
    for what, row, line in steps:
        if what == "insert" and sketch.rows[row].kind in _WRITTEN:
            return f"The rewriting lacks {sketch.rows[row].text.strip()!r}."
        if what == "delete":
            return f"The rewriting still has {after.lines[line].strip()!r}."
        if what == "match" and not _is(sketch.rows[row].text, after.lines[line]):
            return f"The rewriting has {after.lines[line].strip()!r} for {sketch.rows[row].text.strip()!r}."
    shown = {line: row for what, row, line in steps if what == "match"}
    piece = _pieces(sketch)
    nothing = np.zeros(len(before), dtype=bool)
    old, new = ([file.keys[int(line)] for line in file.solid] for file in (before, after))
    rows = [shown.get(int(line)) for line in after.solid]
    for start, end, first, last in changes(old, new):
        added = rows[first:last]
        if None in added:
            new_line = after.lines[int(after.solid[first + added.index(None)])]
            return f"The sketch does not have {new_line.strip()!r}, which the rewriting puts in."
        around = rows[max(0, first - 1) : last + 1]
        if None not in around and len({piece[row] for row in around if row is not None}) == 1:
            continue
        written = [after.lines[int(line)] for line in after.solid[first:last]]
        for line in before.solid[start:end]:
            if not any(line in before.similar(text, nothing)[0] for text in written):
                return f"The sketch does not say that {before.lines[int(line)].strip()!r} goes."
    return None


_WRITTEN = frozenset([Kind.LINE, Kind.KNOWN, Kind.NEW])


def _is(shown: str, line: str) -> bool:
    return loose_key(shown) == loose_key(line) or stands_for(shown, line)


def _pieces(sketch: Sketch) -> list[int]:
    """For each row, which run of rows without a marker it is in."""
    found: list[int] = []
    for number, (_, run) in enumerate(groupby(sketch.rows, lambda row: row.kind is Kind.GAP)):
        found += [number for _ in run]
    return found
