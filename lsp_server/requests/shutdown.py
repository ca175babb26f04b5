"""`shutdown`: stop working; the exit follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsp_server.protocol import Life

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, _params: Any) -> None:
    """Give up what runs. Requests from now on are refused."""
    server.protocol.life = Life.SHUT_DOWN
    server.protocol.cancel_all()
    server.host.close()
