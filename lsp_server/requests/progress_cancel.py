"""`window/workDoneProgress/cancel`: the user pressed a progress bar's button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """Give up what the bar stood for."""
    if cancel := server.progress_cancels.pop(params.token, None):
        cancel()
