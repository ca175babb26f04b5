"""Child processes of the server: for work whose memory would otherwise stay with it."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable

from engine.processes import environment, python_module


async def run_module(module: str, *arguments: str, on_line: Callable[[bytes], None]) -> int:
    """Run `python -m module`, hand on each line that it prints, and return its exit code.

    It finds this very Tacit, reads nothing, and is killed if the caller is cancelled.
    """
    child = await asyncio.create_subprocess_exec(
        *python_module(module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
    )
    try:
        assert child.stdout is not None
        async for line in child.stdout:
            on_line(line)
        return await child.wait()
    finally:
        end(child)


def end(child: Process) -> None:
    """Kill it, if it lives, and let go of its pipes.

    asyncio does the latter only once the process has gone, and its loop may end before.
    """
    child._transport.close()  # type: ignore[attr-defined]
