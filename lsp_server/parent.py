"""Ends the server when its editor has died without closing the pipe. Loop thread only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

log = logging.getLogger("tacit.parent")

INTERVAL_S = 2.0


def watch(process_id: int, on_death: Callable[[], None]) -> None:
    """Call `on_death` once the process is gone.

    One that is not there to begin with is not watched: the editor may live in another container, with
    process ids of its own.
    """
    import psutil  # late: `initialize` is answered without it

    try:
        process = psutil.Process(process_id)
    except psutil.Error:
        log.info("the editor's process cannot be seen from here; only the pipe will tell when it ends")
        return
    loop = asyncio.get_running_loop()

    def look() -> None:
        if _lives(process):
            loop.call_later(INTERVAL_S, look)
        else:
            log.info("the editor is gone")
            on_death()

    loop.call_later(INTERVAL_S, look)


def _lives(process: psutil.Process) -> bool:
    """A process id that another process has taken over is not mistaken for the editor's."""
    import psutil

    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
