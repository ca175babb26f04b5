"""`$/setTrace`: accepted, so that clients which send it get no complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(_server: Server, _params: Any) -> None:
    """Do nothing: the log goes to stderr, at the level that `tacit serve` was started with."""
