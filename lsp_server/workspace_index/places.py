"""Where in a text an answer is, as editors count; and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsp_server.workspace_index.messages import Found, Span
from retrieval.search import Hit
from text.lines import split_lines
from text.positions import Encoding, units_from_column, without_ending
from text.secrets import secrets

NEAR = 200
"""Lines around the place that the index knows in which a definition is looked for."""


class Text:
    """A file or document as it is now."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)

    def excerpt(self, first: int, end: int) -> str:
        """Those lines; none of them if a secret touches any."""
        lines = self.lines[first:end]
        start = sum(map(len, self.lines[:first]))
        stop = start + sum(map(len, lines))
        if any(at < stop and start < until for at, until in secrets(self.text)):
            return ""
        return "".join(lines)


def found_at(
    hit: Hit, path: str, text: Text, encoding: Encoding, *, named: bool, excerpt_lines: int = 0
) -> Found | None:
    """The answer at its place in the text; None where what was found is no longer there."""
    moved = _moved(hit, text.lines)
    if moved is None:
        return None
    first, head, end = (line + moved for line in (hit.start_line, hit.head, hit.end_line))
    first, end = max(first, 0), min(end, len(text.lines))
    if not first <= head < end:
        return None
    at = _name_in(text.lines[head], hit.name)
    last = without_ending(text.lines[end - 1])
    indent = len(text.lines[head]) - len(text.lines[head].lstrip())

    def units(line: int, column: int) -> int:
        return units_from_column(text.lines[line], column, encoding)

    stop = end - 1, units(end - 1, len(last))
    return Found(
        path=path,
        inside=hit.path,
        whole=Span(first, 0, *stop),
        body=Span(head, units(head, indent), *stop),
        name_at=Span(head, units(head, at or indent), head, units(head, (at or indent) + len(hit.name))),
        kind=hit.kind,
        name=hit.name,
        context=hit.context,
        signature=hit.signature,
        score=round(hit.score, 4),
        named=named,
        why={feature: round(part, 4) for feature, part in hit.why.items()},
        excerpt=text.excerpt(head, min(end, head + excerpt_lines)) if excerpt_lines else "",
    )


def _moved(hit: Hit, lines: Sequence[str]) -> int | None:
    """How many lines further down it stands by now: the file may have changed since it was read."""
    if not hit.name:
        return 0 if hit.head < len(lines) else None
    near = range(max(hit.head - NEAR, 0), min(hit.head + NEAR + 1, len(lines)))
    places = [line for line in near if _name_in(lines[line], hit.name) is not None]
    return min((line - hit.head for line in places), key=abs, default=None)


def _name_in(line: str, name: str) -> int | None:
    """The column of a name in a line."""
    if not name:
        return None
    found = re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", line)
    return found.start() if found else None
