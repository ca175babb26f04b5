"""`exit`: the process ends, with 0 after a `shutdown` and with 1 without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, _params: Any) -> None:
    """End the process."""
    server.exit()
