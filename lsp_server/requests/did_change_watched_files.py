"""`workspace/didChangeWatchedFiles`: files changed on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Let the index look at them."""
    server.index.changed(*(change.uri for change in params.changes))
