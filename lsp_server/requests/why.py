"""`tacit/why` and the command `tacit.why`: what became of the last request for a suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lsp_server import reports, tell

if TYPE_CHECKING:
    from lsp_server.server import Server


class Params(msgspec.Struct, frozen=True):
    """None are needed."""


def handle(server: Server, _params: Params) -> reports.Request | None:
    """The last request; null before the first."""
    return server.status.last()


def sentence(server: Server) -> str:
    """The same for a person."""
    request = server.status.last()
    return (
        "Tacit was not asked for a suggestion yet." if request is None else f"Tacit: {tell.request(request)}"
    )
