"""Work of other threads, and the loop that it comes back to."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lsp_server.background import call_on, in_thread


def test_what_a_thread_returns_or_raises_comes_back() -> None:
    async def session() -> None:
        assert await in_thread(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 // 0)

    asyncio.run(session())


def test_what_nobody_waits_for_any_more_is_dropped() -> None:
    go_on = threading.Event()

    async def session() -> None:
        given_up = in_thread(lambda: go_on.wait(20))
        given_up.cancel()
        go_on.set()
        assert await in_thread(lambda: 1) == 1
        await asyncio.sleep(0)
        assert given_up.cancelled()

    asyncio.run(session())


def test_a_thread_that_outlives_the_loop_ends_in_peace() -> None:
    """An exception in it would fail this test: see `filterwarnings` in pyproject.toml."""
    begun, go_on = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        begun.set()
        go_on.wait(20)

    async def session() -> asyncio.AbstractEventLoop:
        in_thread(work)
        assert begun.wait(20)
        return asyncio.get_running_loop()

    loop = asyncio.run(session())
    assert loop.is_closed()
    go_on.set()
    call_on(loop, go_on.clear)
    (thread,) = threads
    thread.join(20)
    assert not thread.is_alive()
    assert go_on.is_set()
