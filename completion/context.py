"""What a request needs to know of the lines around its cursor."""

from __future__ import annotations

from collections.abc import Iterator

from completion.stop import Site
from text.document import Document
from text.positions import Position
from text.syntax import Syntax

_FAR = 50  # lines looked through for one that is not blank
_FOLLOWING = 6


def site_at(document: Document, offset: int, syntax: Syntax | None) -> Site:
    """Describe the place of a cursor."""
    line, column = document.position(offset)
    text = bare(document.line(line))
    return Site(
        language=document.language,
        line=text[:column],
        rest=text[column:],
        above=next(_lines(document, range(line - 1, max(-1, line - _FAR), -1)), ""),
        below=next(iter(following(document, line)), ""),
        scope=syntax.scope(offset) if syntax else "code",
    )


def following(document: Document, line: int) -> list[str]:
    """Return the first few lines below `line` that are not blank."""
    lines = _lines(document, range(line + 1, min(document.line_count, line + _FAR)))
    return [text for text, _ in zip(lines, range(_FOLLOWING), strict=False)]


def line_start(document: Document, offset: int) -> int:
    """Return the offset at which the code of the cursor's line begins; the line's end if it is blank."""
    line = document.position(offset).line
    text = bare(document.line(line))
    return document.offset(Position(line, len(text) - len(text.lstrip())))


def bare(line: str) -> str:
    """Return a line without its ending."""
    return line.rstrip("\r\n")


def _lines(document: Document, numbers: range) -> Iterator[str]:
    return (text for number in numbers if (text := bare(document.line(number))).strip())
