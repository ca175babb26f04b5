"""`textDocument/didChange`: every keystroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason
from lsp_server import convert

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Update the document. A request that was made for the text before it is given up."""
    uri = params.text_document.uri
    server.turns.end(uri, Reason.STALE)
    before = server.documents.get(uri)
    if server.documents.change(uri, params.text_document.version, convert.changes(params.content_changes)):
        server.next_edits.changed(uri, before)
        server.warmer.warm_at_rest(uri)
    server.findings.changed(uri, before)
