"""`textDocument/didClose`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document, and what was suggested in it."""
    uri = params.text_document.uri
    server.turns.end(uri, Reason.STALE)
    server.next_edits.closed(uri)
    server.documents.close(uri)
    server.findings.closed(uri)
    server.neighbours.forget(uri)
    if server.host.ready is not None:
        server.host.ready.completer.forget(uri)
