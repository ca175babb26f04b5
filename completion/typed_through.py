"""Typing along a suggestion: what is left of it once the user has typed its beginning.

The remainder is found by comparing the document as it is with the document as it was when the suggestion was
made. So it does not matter by how many steps the user got there, and deleting a part of what was typed brings
it back.
"""

from __future__ import annotations

from completion.brackets import CLOSERS, depth
from text.document import Document
from text.edits import Edit, rebase

_PAIRED = frozenset(CLOSERS + "\"'`>")
_MOST_PAIRED = 3


def remainder(before: Document, suggestion: Edit, document: Document, cursor: int) -> Edit | None:
    """Return the edit of `document` that completes `suggestion`, which was made at its start in `before`.

    None where the user has gone another way, or has typed all of it. Closing brackets and quotes which the
    editor put behind the cursor, or which the user typed over, are made good for.
    """
    start = suggestion.start
    typed = document.slice(start, cursor)
    left = suggestion.new[len(typed) :]
    if cursor < start or not left or not suggestion.new.startswith(typed):
        return None
    grown = (len(document) - cursor) - (len(before) - start)
    if not suggestion.start - suggestion.end <= grown <= _MOST_PAIRED:
        return None
    paired = document.slice(cursor, cursor + max(grown, 0))
    if document.slice(0, start) != before.slice(0, start):
        return None
    if document.slice(cursor + len(paired), len(document)) != before.slice(
        start + max(-grown, 0), len(before)
    ):
        return None
    if not paired:
        return Edit(cursor, cursor + suggestion.end - start + min(grown, 0), left)
    if suggestion.end == start and _closes(left, paired, document.language):
        return Edit(cursor, cursor + len(paired), left)
    return None


def after_typing(edit: Edit, since: tuple[Edit, ...]) -> Edit | None:
    """`edit` in the document after `since`.

    Less what the user has typed of it, or moved by changes elsewhere; None where something else was done at
    its place, or nothing is left of it.
    """
    here = [other for other in since if other.start <= edit.end and edit.start <= other.end]
    if not here:
        return rebase(edit, since)
    at, typed = here[0], len(here[0].new)
    along = (at.start, at.end) == (edit.start, edit.start) and edit.new.startswith(at.new)
    if len(here) > 1 or not along or typed == len(edit.new):
        return None
    rest = rebase(Edit(edit.start, edit.end, edit.new[typed:]), [other for other in since if other is not at])
    return rest and Edit(rest.start + typed, rest.end + typed, rest.new)


def _closes(left: str, paired: str, language: str) -> bool:
    """Whether the rest of a suggestion brings the closing characters that the editor has put there."""
    if not set(paired) <= _PAIRED:
        return False
    brackets = sum(char in CLOSERS for char in paired)
    quotes = [char for char in paired if char not in CLOSERS]
    return all(left.count(quote) % 2 for quote in quotes) and (
        not brackets or -depth(_after_quotes(left, quotes), language) >= brackets
    )


def _after_quotes(left: str, quotes: list[str]) -> str:
    """The code behind the string that `left` begins in, if it begins in one."""
    return left.partition(quotes[0])[2] if quotes else left
