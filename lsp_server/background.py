"""Work that is not the loop thread's."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """Run `work` on a thread that the process need not wait for when it ends. Call on the loop thread."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]  # a result is there when no error is

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:
            failure = error
        call_on(loop, settle, result, failure)

    threading.Thread(target=run, name="tacit-background", daemon=True).start()
    return future


def call_on(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *arguments: object) -> None:
    """Call it soon on the loop's thread, from any other one; not at all once the loop has ended."""
    with contextlib.suppress(RuntimeError):  # closed, perhaps a moment ago
        loop.call_soon_threadsafe(callback, *arguments)


def give_back() -> None:
    """Let the system have what is free: glibc keeps it otherwise. Takes a tenth of a second."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
