"""Lines of a sketch that are one line of the file, wrapped: arguments that have lines of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apply.indent import indent_of
from apply.lines import loose_key
from apply.rows import Kind, Row, width

LONGEST = 16  # lines of the sketch that are one line in the file, at most
_LAST_COMMA = re.compile(r",( \))")


def unwrapped(rows: Sequence[Row], file: Sequence[str]) -> list[Row]:
    """The rows, with each run of them that is a line which the file has as one row."""
    if not any(row.text.rstrip().endswith("(") for row in rows):
        return list(rows)
    own = {loose_key(line): line for line in file}
    found: list[Row] = []
    end = 0
    for index, row in enumerate(rows):
        if index < end:
            continue
        run = list(_run(rows, index))
        line = loose_key(_LAST_COMMA.sub(r"\1", " ".join(each.text.strip() for each in run)))
        if run and line in own and loose_key(row.text) not in own:
            text = indent_of(row.text) + own[line].strip()
            found.append(Row(row.kind, text, written=tuple(each.text for each in run)))
            end = index + len(run)
        else:
            found.append(row)
    return found


def _run(rows: Sequence[Row], start: int) -> Iterator[Row]:
    """The rows from one that opens a bracket to the one as deep that closes it; nothing if that is not so."""
    first = rows[start]
    if first.kind is not Kind.LINE or not first.text.rstrip().endswith("("):
        return
    for end in range(start + 1, min(start + LONGEST, len(rows))):
        row = rows[end]
        if row.kind is not Kind.LINE or not row.is_solid or width(row.text) < width(first.text):
            return
        if width(row.text) == width(first.text):
            if row.text.lstrip().startswith(")"):
                yield from rows[start : end + 1]
            return
