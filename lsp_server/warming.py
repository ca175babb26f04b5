"""Lets the model read a document while nobody waits for an answer. Loop thread only."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from typing import TYPE_CHECKING

from engine.cancel import CancelToken
from engine.lanes import Lane

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.warming")

REST_S = 0.06
"""How long typing must pause. Shorter and each keystroke would start what the next one throws away."""


class Warmer:
    """One timer: only the document that is worked on is worth warming."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._timer: asyncio.TimerHandle | None = None
        self._latest = ""
        self._job: Future[None] | None = None

    def warm_at_rest(self, uri: str) -> None:
        """Warm the document once nothing has happened for a moment."""
        self.pause(uri)
        self._timer = asyncio.get_running_loop().call_later(REST_S, self.warm_latest)

    def again(self, uri: str) -> None:
        """There is more to read for the document, if it is still the one that is worked on."""
        if uri == self._latest:
            self.warm_at_rest(uri)

    def pause(self, uri: str) -> None:
        """Something happens in the document: leave the model to that."""
        self._latest = uri
        if self._timer is not None:
            self._timer.cancel()

    def give_way(self) -> None:
        """Somebody waits for an answer of the same lane."""
        if self._job is not None:
            self._job.cancel()

    def warm_latest(self) -> None:
        """Warm the document where something happened last, at the place where it happened."""
        snapshot = self._server.documents.get(self._latest)
        ready = self._server.host.ready
        if snapshot is None or ready is None or self._server.unwanted(self._latest):
            return
        document, offset = snapshot.document, self._server.documents.cursor(self._latest)
        path = self._server.shown_path(self._latest)
        self._server.neighbours.look(self._latest)
        excerpts = self._server.neighbours.of(self._latest)

        def work(cancel: CancelToken) -> None:
            ready.completer.warm(document, offset, ready.model, cancel, path=path, excerpts=excerpts)
            if self._server.config.next_edits:
                self._server.next_edits.seeker()

        # One lane below keystrokes, so that these take the model away from it at once.
        self._job = self._server.lanes.submit(Lane.NEXT_EDIT, "warm", work)
        self._job.add_done_callback(_log_failure)


def _log_failure(job: Future[None]) -> None:
    if not job.cancelled() and (error := job.exception()) is not None:
        log.debug("warming failed: %s", type(error).__name__)
