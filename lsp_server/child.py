"""Child processes of the server: for work whose memory would otherwise stay with it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path


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
        if child.returncode is None:
            child.kill()


def python_module(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this very Tacit, together with `environment`."""
    # -P keeps what lies in the user's working directory out of it.
    return sys.executable, "-P", "-m", module, *arguments


def environment() -> dict[str, str]:
    """This process's, and where to find this Tacit."""
    home = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}
