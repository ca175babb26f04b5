"""`textDocument/didShowInlineEdit` and `didShowCompletion`: the user sees what was offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.next_edits.wire import Shown, id_of

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: Shown) -> None:
    """Take note, so that going on without it counts."""
    server.next_edits.offers.shown(id_of(params.item))
