"""Search/replace blocks, in the ways in which they are fenced by the tools that use them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apply.rows import Kind, Row, Sketch
from text.matching import changes

_BLOCK = re.compile(
    r"""^[ \t]*(?:<{3,}|-{3,})[ ]*(?:SEARCH|ORIGINAL|HEAD|OLD|FIND)\b[^\n]*\n
        (?P<search>.*?)
        ^[ \t]*={3,}[^\n]*\n
        (?P<replace>.*?)
        ^[ \t]*(?:>{3,}[^\n]*|\+{3,}[ ]*(?:REPLACE|UPDATED|NEW|END)\b[^\n]*)$""",
    re.MULTILINE | re.DOTALL | re.VERBOSE | re.IGNORECASE,
)


def is_search_replace(text: str) -> bool:
    """Whether there is a whole block in `text`."""
    return _BLOCK.search(text) is not None


def read_search_replace(text: str) -> tuple[Sketch, ...]:
    """One sketch for each block: blocks need not be in the file's order."""
    return tuple(Sketch(tuple(_rows(block)), "search/replace") for block in _BLOCK.finditer(text))


def _rows(block: re.Match[str]) -> Iterator[Row]:
    search, replace = block["search"].splitlines(), block["replace"].splitlines()
    yield Row(Kind.GAP, "")
    done = 0
    for change in changes([line.rstrip() for line in search], [line.rstrip() for line in replace]):
        yield from (Row(Kind.KNOWN, line) for line in search[done : change.old_start])
        yield from (Row(Kind.OLD, line) for line in search[change.old_start : change.old_end])
        yield from (Row(Kind.NEW, line) for line in replace[change.new_start : change.new_end])
        done = change.old_end
    yield from (Row(Kind.KNOWN, line) for line in search[done:])
    yield Row(Kind.GAP, "")
