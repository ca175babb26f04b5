"""What Tacit may take of the machine: memory, disk and, while it is busy or on a low battery, time.

    memory above the limit -> PREFIX: what the model has read is forgotten
        still above        -> CACHES: and what is remembered of documents
        still above        -> SMALLER: a smaller model takes over, if one is on this machine; then as above
        still above        -> SILENT: nothing is suggested
        below nine tenths  -> FINE; SMALLER while that model is in use, which is until the settings change
    nobody has done anything for an hour -> IDLE, which is PREFIX, until somebody does

One look every LOOK_S, on the loop thread; what takes long is done elsewhere. Each change has a code and a
sentence, which `tacit status` shows and the trace keeps (`tacit why --kind budget`).
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason, Silence
from engine.cancel import CancelToken
from engine.lanes import Lane
from lsp_server.background import give_back, in_thread
from lsp_server.budgets_disk import kept_bytes, make_room
from lsp_server.budgets_manners import Manners, Rest
from lsp_server.reports import BudgetReport, Request
from text.coded import Coded

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.budgets")

LOOK_S = 5.0
IDLE_S = 3600.0
DISK_S = 1800.0
"""Between two looks at the disk, the first of which comes after a tenth of it."""
BELOW = 0.9
"""Of the limit: when all is well again."""


class Level(Coded):
    """How short memory is: a code and a sentence."""

    FINE = "fine", "Memory is within its limit."
    IDLE = "idle", "Nobody has done anything for an hour: what the model had read was forgotten."
    PREFIX = "prefix-dropped", "Memory is above its limit: what the model had read was forgotten."
    CACHES = "caches-dropped", "Memory is still above its limit: all other caches were emptied too."
    SMALLER = "smaller-model", "Memory was above its limit: a smaller model has taken over."
    SILENT = "memory", Reason.MEMORY.sentence


_HIGHER = {
    Level.FINE: Level.PREFIX,
    Level.IDLE: Level.PREFIX,
    Level.SMALLER: Level.PREFIX,
    Level.PREFIX: Level.CACHES,
}


class Budgets:
    """Looks after one server. Loop thread only."""

    def __init__(self, server: Server) -> None:
        self.level = Level.FINE
        self.rest: Rest | None = None
        self.active = time.monotonic()
        """When the client last said something."""
        self._told: set[Level] = set()
        self._server = server
        self._manners = Manners()
        self._timer: asyncio.TimerHandle | None = None
        self._room = ""
        self._disk_bytes = 0
        self._disk_due = time.monotonic() + DISK_S / 10

    @property
    def limit_mb(self) -> float:
        """The most memory that this process may have."""
        return self._server.config.memory_megabytes or _half_of_all_mb()

    def start(self) -> None:
        """Look from now on."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def silence(self) -> Silence | None:
        """Why nothing may be suggested."""
        if self.level is not Level.SILENT:
            return None
        return Silence(Reason.MEMORY, f"{_rss_mb():,.0f} of {self.limit_mb:,.0f} MB")

    def report(self) -> BudgetReport:
        """For `tacit status`."""
        return BudgetReport(
            self.level.value,
            self.level.sentence,
            round(self.limit_mb),
            self._cache_mb(),
            round(self._disk_bytes / 1e6),
            self._server.config.disk_megabytes,
            self._room,
            self.rest.sentence if self.rest else "",
        )

    def _cache_mb(self) -> float:
        # A guest's model has none here.
        model = self._server.host.ready.model if self._server.host.ready else None
        return round(getattr(model, "cached_bytes", 0) / 1e6, 1)

    def _look(self) -> None:
        self._timer = None
        self.start()
        now = time.monotonic()
        self._look_at_memory(now)
        self._look_at_load(now)
        if now >= self._disk_due:
            self._disk_due = now + DISK_S
            self._server.protocol.spawn(self._look_at_disk())

    def _look_at_memory(self, now: float) -> None:
        used, limit = _rss_mb(), self.limit_mb
        host = self._server.host
        if used > limit and not host.settled:
            pass  # a model is being loaded: what it will take shows later
        elif used > limit and self.level is Level.CACHES and host.shrink():
            self._change(Level.SMALLER)
        elif used > limit:
            self._change(_HIGHER.get(self.level, Level.SILENT))
        elif now - self.active > IDLE_S:
            if self.level is Level.FINE:
                self._change(Level.IDLE)
        elif used < limit * BELOW or self.level is Level.IDLE:
            self._change(Level.SMALLER if host.instead else Level.FINE)

    def _change(self, level: Level) -> None:
        if level is self.level:
            return
        self.level = level
        figures = f"{_rss_mb():,.0f} of {self.limit_mb:,.0f} MB"
        self._note(level.value, level.sentence, figures)
        if level in (Level.SMALLER, Level.SILENT) and level not in self._told:
            self._told.add(level)
            remedy = "The setting `memoryMegabytes` moves the limit."
            self._server.show(types.MessageType.Warning, f"Tacit: {level.sentence} ({figures}) {remedy}")
        if level not in (Level.FINE, Level.SMALLER):
            self._forget(everything=level in (Level.CACHES, Level.SILENT))

    def _forget(self, *, everything: bool) -> None:
        ready = self._server.host.ready

        def work(_: CancelToken) -> None:
            if ready is not None:
                from engine.decode import CachedModel

                if isinstance(ready.model, CachedModel):
                    ready.model.forget()
                if everything:
                    ready.completer.forget_all()
            give_back()

        # With the model's thread, which the caches belong to; before anything that would fill them again.
        self._server.lanes.submit(Lane.NEXT_EDIT, "forget", work)

    def _look_at_load(self, now: float) -> None:
        always = "always" in (self._server.config.background, os.environ.get("TACIT_BACKGROUND"))
        rest = None if always else self._manners.look(now)
        if rest is not self.rest:
            self.rest = rest
            self._note(rest.value if rest else "no-rest", rest.sentence if rest else Rest.over(), "")
            self._server.index.rest()

    async def _look_at_disk(self) -> None:
        limit = self._server.config.disk_megabytes * 1_000_000
        try:
            self._disk_bytes = await in_thread(kept_bytes)
            if self._disk_bytes <= limit:
                return
            self._room = await make_room(limit, self._server.index.folders)
            self._disk_bytes = await in_thread(kept_bytes)
        except OSError as error:
            self._room = f"No room could be made: {error.strerror}."
        self._note("disk", self._room, f"{self._disk_bytes / 1e6:,.0f} of {limit / 1e6:,.0f} MB")

    def _note(self, reason: str, sentence: str, detail: str) -> None:
        log.info("%s: %s", reason, detail or sentence)
        self._server.status.note(
            Request(
                at=time.time(),
                method="",
                document="",
                version=0,
                outcome="noted",
                total_ms=0.0,
                reason=reason,
                sentence=sentence,
                detail=detail,
                kind="budget",
            )
        )
        self._server.status.touch()


@functools.cache
def _half_of_all_mb() -> float:
    import psutil

    return float(psutil.virtual_memory().total) / 2e6


def _rss_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6
