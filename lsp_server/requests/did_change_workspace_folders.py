"""`workspace/didChangeWorkspaceFolders`: folders were added to the workspace, or taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take note of them."""
    gone = {folder.uri for folder in params.event.removed}
    left = [root for root in server.client.roots if root not in gone]
    added = [folder.uri for folder in params.event.added]
    server.client = replace(server.client, roots=tuple(dict.fromkeys([*left, *added])))
    server.index.configure()
