"""`textDocument/didSave`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """A rest in typing: let the model read what is there, and the index what was saved."""
    server.index.changed(params.text_document.uri)
    server.warmer.warm_at_rest(params.text_document.uri)
    server.findings.saved(params.text_document.uri)
