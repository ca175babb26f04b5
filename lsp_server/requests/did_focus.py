"""`textDocument/didFocus`: the user looks at a document, or at none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.next_edits.wire import Focus

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: Focus) -> None:
    """Let the model read what the user looks at."""
    if params.text_document is not None and server.documents.get(params.text_document.uri) is not None:
        server.next_edits.latest = params.text_document.uri
        server.warmer.warm_at_rest(params.text_document.uri)
