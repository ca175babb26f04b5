"""`$/cancelRequest`: the client no longer wants an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: Any) -> None:
    """Give the request up.

    One that is not running was answered already, which is no mistake of the client's.
    """
    if isinstance(params, Mapping):
        server.protocol.cancel(params.get("id"))
