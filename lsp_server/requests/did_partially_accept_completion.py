"""`textDocument/didPartiallyAcceptCompletion`: a word or a line of what was offered was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.next_edits.wire import PartlyAccepted, id_of

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: PartlyAccepted) -> None:
    """Take note; the rest stays on offer, since the change itself is typing along it."""
    if params.accepted_length > 0:
        server.next_edits.offers.partly_accepted(id_of(params.item))
