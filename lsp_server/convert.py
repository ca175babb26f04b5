"""Between lsprotocol's types and ours.

Shapes that clients are known to need are made here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from lsp_server.documents import Change, Place
from text.document import Document
from text.edits import Edit
from text.positions import Encoding, units_from_column

_WORD_BEFORE = re.compile(r"\w*\Z")


def place(position: types.Position) -> Place:
    """A position as the client counts."""
    return Place(position.line, position.character)


def changes(events: Sequence[types.TextDocumentContentChangeEvent]) -> list[Change]:
    """The content changes of a didChange, in order."""
    return [
        Change(event.text, place(event.range.start), place(event.range.end))
        if isinstance(event, types.TextDocumentContentChangePartial)
        else Change(event.text)
        for event in events
    ]


def entry(selected: types.SelectedCompletionInfo | None) -> Change | None:
    """The popup's entry that is selected, as the change that choosing it would make."""
    if selected is None:
        return None
    return Change(selected.text, place(selected.range.start), place(selected.range.end))


def range_of(document: Document, start: int, end: int, encoding: Encoding) -> types.Range:
    """The range between two offsets, as the client counts."""
    return types.Range(_position(document, start, encoding), _position(document, end, encoding))


def inline_item(
    document: Document, edit: Edit, cursor: int, encoding: Encoding
) -> types.InlineCompletionItem | None:
    """The ghost text for `edit`; None where it has a shape that clients would show wrongly.

    They want a range on one line that starts at or before the cursor and ends at or after it, and a text that
    begins with what stands between its start and the cursor.
    """
    if not edit.start <= cursor <= edit.end or not edit.new.startswith(document.slice(edit.start, cursor)):
        return None
    where = range_of(document, edit.start, edit.end, encoding)
    if where.start.line != where.end.line:
        return None
    # Editors hold lines without their ends: Neovim would show a carriage return, and write it into the line.
    text = edit.new.replace("\r\n", "\n").replace("\r", "\n")
    return types.InlineCompletionItem(insert_text=text, range=where)


def popup_item(
    document: Document, edit: Edit, cursor: int, encoding: Encoding, *, adjusts_indentation: bool
) -> types.CompletionItem | None:
    """The same as an entry of the completion popup, for editors without ghost text; None as above.

    Editors filter entries by the word before the cursor, so the entry takes that word in. It sorts behind all
    others and never preselects itself: those who did not look for it are not bothered.
    """
    if inline_item(document, edit, cursor, encoding) is None:
        return None
    line = document.line(document.position(edit.start).line)
    column = document.position(edit.start).column
    found = _WORD_BEFORE.search(line[:column])
    word = found[0] if found else ""
    text = word + edit.new
    label, _, more = text.strip().partition("\n")
    return types.CompletionItem(
        label=label.rstrip() + (" …" if more else ""),
        kind=types.CompletionItemKind.Text,
        detail="Tacit",
        documentation=text if more else None,
        sort_text="~~~~",
        filter_text=text.partition("\n")[0].rstrip("\r"),
        preselect=False,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs if adjusts_indentation else None,
        text_edit=types.TextEdit(range_of(document, edit.start - len(word), edit.end, encoding), text),
    )


def _position(document: Document, offset: int, encoding: Encoding) -> types.Position:
    line, column = document.position(offset)
    return types.Position(line, units_from_column(document.line(line), column, encoding))
