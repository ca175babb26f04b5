"""Plain code as a sketch: with markers, without, or the whole file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apply.formats.comments import deletion, is_marker
from apply.formats.wrapped import unwrapped
from apply.problem import Step
from apply.rows import Kind, Row, Sketch, width

_QUOTES = "\"'`([{ "
_DOTS = ("...", "…")


def read_code(text: str, file: Sequence[str]) -> Sketch:
    """The rows of `text`; `file` is the lines that it is to change, without their endings.

    A line that stands in the file is never a marker. Where there is no marker at all, any blank line may
    stand for what is not shown, unless the sketch is the whole file.
    """
    known = {line.strip() for line in file}
    lines = text.splitlines()
    rows = [
        _row(line, line.strip() in known or _is_stub(lines, at, known), known)
        for at, line in enumerate(lines)
    ]
    return _sketch(unwrapped(rows, file), file)


def with_dots(sketch: Sketch, steps: Sequence[Step], file: Sequence[str]) -> Sketch | None:
    """The sketch with dots as code where new lines are around them and nothing can be left out; or None."""
    left = {step.row for step in steps if step.what in ("keep", "delete")}
    new = {step.row for step in steps if step.what == "insert"}
    code = {
        index
        for index, row in enumerate(sketch.rows)
        if row.kind is Kind.GAP
        and row.text.strip() in _DOTS
        and left.isdisjoint([index, index + 1])
        and {index - 1, index + 1} <= new
    }
    if not code:
        return None
    rows = [Row(Kind.LINE, row.text) if at in code else row for at, row in enumerate(sketch.rows)]
    return _sketch(rows, file)


def _sketch(rows: Sequence[Row], file: Sequence[str]) -> Sketch:
    if any(row.kind is Kind.GAP for row in rows):
        return Sketch(tuple(rows), "code with markers")
    if _is_whole(rows, file):
        return Sketch(tuple(rows), "whole file", whole=True)
    return Sketch(tuple(_soften(row) for row in rows), "code without markers")


def _is_stub(lines: Sequence[str], at: int, known: set[str]) -> bool:
    """Whether dots are the body of a new definition, and not a marker inside an old one."""
    header = lines[at - 1].strip() if at else ""
    return lines[at].strip() == "..." and header.endswith(":") and header not in known


def _row(line: str, is_known: bool, known: set[str]) -> Row:
    if is_known or not line.strip():
        return Row(Kind.LINE, line)
    gone = deletion(line)
    if gone is not None and _is_there(gone.rstrip(". "), known):
        return Row(Kind.GONE, gone, width(line))
    return Row(Kind.GAP, line, width(line)) if is_marker(line) else Row(Kind.LINE, line)


def _is_there(name: str, known: set[str]) -> bool:
    """Whether a line begins with what a deletion comment names, or defines it: else it is any comment."""
    if any(line.strip(f"{_QUOTES};,)]}}") == name.strip(_QUOTES) for line in known):
        return True
    start = f"{_QUOTES}:"
    if len(name) > 2 and any(line.lstrip(start).startswith(name.lstrip(start)) for line in known):
        return True
    words = re.findall(r"\w+", name)
    defined = re.compile(rf"\b{re.escape(words[-1])}\b\s*[(:={{<]") if words and len(words) <= 2 else None
    return defined is not None and any(defined.search(line) for line in known)


def _soften(row: Row) -> Row:
    return Row(Kind.SOFT, "") if row.is_blank else row


def _is_whole(rows: Sequence[Row], file: Sequence[str]) -> bool:
    """Whether the sketch begins and ends as the file does, and shows most of it; or nearly all."""
    sketch = [row.text.strip() for row in rows if row.kind is Kind.LINE and row.text.strip()]
    lines = [line.strip() for line in file if line.strip()]
    if not sketch or not lines:
        return not lines
    shown = len(set(sketch) & set(lines)) / len(set(lines))
    start = lines[0] in sketch[:12] or not set(sketch[:6]).isdisjoint(lines[:3])
    end = lines[-1] in sketch[-12:] or not set(sketch[-6:]).isdisjoint(lines[-3:])
    return start and (shown >= 0.9 or (end and shown >= 0.6 and len(sketch) >= 0.6 * len(lines)))
