"""Ghost text or a next edit at the cursor: one of them is shown, and it is decided here.

What is shown stays. Else a next edit that is known goes first, since it rests on what was just done: as ghost
text where it is an insertion at the cursor, so that every editor can show it; where it replaces something on
the cursor's line, ghost text is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.next_edits.session import Ghost
from lsp_server.next_edits.wire import at_cursor
from text.edits import Edit

if TYPE_CHECKING:
    from lsp_server.server import Server


def hidden_by_ghost_text(server: Server, uri: str, edit: Edit) -> bool:
    """Whether a next edit would stand where ghost text is shown."""
    snapshot, ghost = server.documents.get(uri), server.next_edits.ghost
    if snapshot is None or ghost is None or ghost[:2] != (uri, snapshot.serial):
        return False
    document = snapshot.document
    line = document.position(ghost.edit.start).line
    return document.position(edit.start).line <= line <= document.position(edit.end).line


def next_edit_at(server: Server, uri: str, cursor: int) -> Edit | bool:
    """The next edit as an insertion at the cursor; else whether one stands on the cursor's line."""
    snapshot, live = server.documents.get(uri), server.next_edits.offers.live
    if snapshot is None or live is None or live.uri != uri or live.outdated:
        return False
    edit = server.next_edits.offers.current(live)
    if edit is None:
        return False
    document = snapshot.document
    if insertion := at_cursor(document, edit, cursor):
        return insertion
    line = document.position(cursor).line
    return document.position(edit.start).line <= line <= document.position(edit.end).line


def note_ghost_text(server: Server, uri: str, edit: Edit) -> None:
    """Ghost text is shown in the document as it is now."""
    snapshot = server.documents.get(uri)
    if snapshot is not None:
        server.next_edits.ghost = Ghost(uri, snapshot.serial, edit)
