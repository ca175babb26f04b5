"""A work-done progress in the editor; nothing at all in an editor that has none."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.progress")

_numbers = itertools.count(1)


class ProgressBar:
    """One bar. Loop thread only; nobody has to wait until the editor has made it."""

    def __init__(self, server: Server, title: str, cancel: Callable[[], None]) -> None:
        """Show it, soon; `cancel` is called if the user presses its button."""
        self._server = server
        self._title = title
        self._cancel = cancel
        self._token = f"tacit-{next(_numbers)}"
        self._shown = False
        self._last: types.WorkDoneProgressReport | None = None
        self._opening = server.protocol.spawn(self._open()) if server.client.progress else None

    def report(self, message: str, percent: int | None) -> None:
        """Move it, if that can be seen."""
        step = types.WorkDoneProgressReport(message=message, percentage=percent, cancellable=True)
        if step != self._last:
            self._last = step
            self._send(step)

    def end(self) -> None:
        """Take it away."""
        if self._opening is not None:
            self._opening.cancel()
        self._server.progress_cancels.pop(self._token, None)
        self._send(types.WorkDoneProgressEnd())
        self._shown = False

    async def _open(self) -> None:
        try:
            await self._server.window_work_done_progress_create_async(
                types.WorkDoneProgressCreateParams(token=self._token)
            )
        except JsonRpcException:
            log.debug("the editor shows no progress")
            return
        self._server.progress_cancels[self._token] = self._cancel
        self._shown = True
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0))
        if self._last is not None:
            self._send(self._last)

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self._shown:
            progress = types.ProgressParams(token=self._token, value=value)
            self._server.protocol.notify(types.PROGRESS, progress)
