"""A work-done progress in the editor; nothing at all in an editor that has none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.progress")


class ProgressBar:
    """One bar. Loop thread only."""

    def __init__(self, server: Server, title: str) -> None:
        self._server = server
        self._title = title
        self._token = f"tacit-{id(self)}"
        self._shown = False
        self._last = ("", -1)

    async def begin(self, cancel: Callable[[], None]) -> None:
        """Show it; `cancel` is called if the user presses its button."""
        if not self._server.client.progress:
            return
        create = types.WorkDoneProgressCreateParams(token=self._token)
        try:
            await asyncio.wait_for(self._server.window_work_done_progress_create_async(create), timeout=5)
        except Exception as error:
            log.debug("the editor shows no progress: %s", type(error).__name__)
            return
        self._shown = True
        self._server.progress_cancels[self._token] = cancel
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0))

    def report(self, message: str, percent: int | None) -> None:
        """Move it, if that can be seen."""
        if self._shown and self._last != (message, percent or 0):
            self._last = (message, percent or 0)
            self._send(types.WorkDoneProgressReport(message=message, percentage=percent, cancellable=True))

    def end(self) -> None:
        """Take it away."""
        self._server.progress_cancels.pop(self._token, None)
        if self._shown:
            self._send(types.WorkDoneProgressEnd())

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(token=self._token, value=value))
