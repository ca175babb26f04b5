"""`textDocument/didOpen`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Keep the document, and let the model read it."""
    item = params.text_document
    server.turns.end(item.uri, Reason.STALE)
    server.documents.open(item.uri, item.language_id, item.version, item.text)
    if server.host.idle and not server.initialized:
        server.host.start()  # A client that forgot to send it.
    server.warmer.warm_at_rest(item.uri)
    server.findings.opened(item.uri)
