"""What of the model's text is to be inserted, and how: without what stands in the document already.

A model often writes on into what follows: the closing brackets that the editor has put there, the rest of the
line, the next lines. `shapes` lists the ways in which a text may fit at the cursor, the most likely first;
the parser chooses among them (`completion.verify`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from completion.brackets import CLOSERS, depth
from completion.stop import Site, is_repeat
from text.edits import Edit

# What editors insert by themselves after the cursor, and what usually stands behind it.
_CLOSING: Final = frozenset(CLOSERS + "\"'`>,;: \t")
_MOST_CLOSERS: Final = 3


def only_closes(rest: str) -> bool:
    """Return whether the rest of a line only closes what was opened: then a suggestion may come before it."""
    return all(char in _CLOSING for char in rest)


def without_repeats(body: str, site: Site, following: Sequence[str]) -> str:
    """Cut `body` where it begins to repeat `following`, the lines below the cursor that are not blank."""
    lines = body.split("\n")
    for number in range(len(lines)):
        first = site.line + lines[0] if number == 0 else lines[number]
        ahead = [first, *(line for line in lines[number + 1 :] if line.strip())]
        pairs = list(zip(ahead, following, strict=False))
        if pairs and all(is_repeat(ours, theirs) for ours, theirs in pairs):
            return "\n".join(lines[:number]).rstrip()
    return body


def shapes(body: str, site: Site, offset: int) -> Iterator[Edit]:
    """Yield edits that bring `body` to the cursor at `offset`, the most likely first; none is empty."""
    seen = set()
    for edit in _all_shapes(body, site, offset):
        if edit.new.strip() and edit not in seen:
            seen.add(edit)
            yield edit


def _all_shapes(body: str, site: Site, offset: int) -> Iterator[Edit]:
    placed = list(_placed(body, site.rest, offset, site.language))
    yield from placed
    for edit in placed:
        yield from (Edit(edit.start, edit.end, new) for new in _less_closed(edit.new))
    for edit in placed:
        yield Edit(edit.start, edit.end, edit.new.split("\n")[0].rstrip())


def _placed(body: str, rest: str, offset: int, language: str) -> Iterator[Edit]:
    """Yield the ways in which a body goes with the rest of the cursor's line."""
    insert = Edit(offset, offset, body)
    replace = Edit(offset, offset + len(rest), body)
    if not rest.strip():
        yield replace
    elif not only_closes(rest):
        # What the rest of the line closes is not closed before it.
        before = _before(body, rest)
        fitting = (new for new in (before, *_less_closed(before)) if depth(new, language) >= 0)
        yield from (Edit(offset, offset, new) for new in fitting)
    elif body.rstrip().endswith(rest.strip()):
        yield Edit(offset, offset, body.rstrip()[: -len(rest.strip())])
    elif depth(body, language) < 0:
        yield from (replace, insert)
    else:
        yield from (insert, replace)


def _less_closed(text: str) -> Iterator[str]:
    """Yield `text` without its last closing bracket, without its last two, ..."""
    for _ in range(_MOST_CLOSERS):
        text = text.rstrip().rstrip(",;")
        if not text or text[-1] not in CLOSERS:
            return
        text = text[:-1].rstrip(" \t")
        yield text


def _before(body: str, rest: str) -> str:
    """Return the part of a one-line body that comes before `rest`: all, unless it runs into the rest."""
    found = body.find(rest.strip())
    if found >= 0:
        return body[:found]
    longest = min(len(body), len(rest))
    return next((body[:-size] for size in range(longest, 0, -1) if body.endswith(rest[:size])), body)
