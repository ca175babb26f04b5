"""`tacit/status` and the command `tacit.status`: the model, the lanes, the cache and the latencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lsp_server import reports, tell

if TYPE_CHECKING:
    from lsp_server.server import Server


class Params(msgspec.Struct, frozen=True):
    """None are needed."""


def handle(server: Server, _params: Params) -> reports.Report:
    """What `tacit status` prints, as it is now."""
    return server.status.report()


def sentence(server: Server) -> str:
    """The gist of it for a person."""
    return f"Tacit: {tell.summary(server.status.report())}"
