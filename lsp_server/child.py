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
        # -P keeps what lies in the user's working directory out of it.
        *(sys.executable, "-P", "-m", module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        assert child.stdout is not None
        async for line in child.stdout:
            on_line(line)
        return await child.wait()
    finally:
        if child.returncode is None:
            child.kill()


def _environment() -> dict[str, str]:
    home = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}
