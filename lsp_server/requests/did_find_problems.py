"""`tacit/diagnostics`: what other servers say about a document, which the client alone knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.next_edits.wire import Diagnostics

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: Diagnostics) -> None:
    """Take note, for the next edit that is asked for."""
    server.next_edits.problems.tell(params.uri, params.version, params.each)
