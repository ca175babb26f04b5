"""Fetches and converts a model in a child process, so that the memory which that takes is not the server's.

The child is `tacit models pull NAME --progress-json`. It writes one JSON object per line:

    {"stage": "fetch", "done": 1048576, "total": 491400064}    bytes, or what the stage counts; total may be 0
    {"error": "...", "remedy": "..."}                          the last line of a child that failed
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import msgspec

from engine.errors import ModelError
from engine.progress import DOING
from lsp_server.child import run_module


class Progress(msgspec.Struct, frozen=True):
    """One line of the child's."""

    stage: str = ""
    done: float = 0
    total: float = 0
    error: str = ""
    remedy: str = ""

    @property
    def percent(self) -> int | None:
        """Of this stage; None where it does not know its end."""
        return min(int(100 * self.done / self.total), 100) if self.total > 0 else None

    @property
    def sentence(self) -> str:
        """For a progress bar."""
        megabytes = f"{self.done / 1e6:.0f} of {self.total / 1e6:.0f} MB"
        stage = DOING.get(self.stage, self.stage)
        return f"{stage}, {megabytes}" if self.stage == "fetch" and self.total > 0 else stage


async def pull(name: str, report: Callable[[Progress], None]) -> None:
    """Make the model `name` ready on disk. Raises ModelError; kills the child if cancelled."""
    last = Progress()

    def read(line: bytes) -> None:
        nonlocal last
        with contextlib.suppress(msgspec.DecodeError):
            last = msgspec.json.decode(line, type=Progress)
            report(last)

    status = await run_module("tacit", "models", "pull", name, "--progress-json", on_line=read)
    if status != 0:
        raise ModelError(
            last.error or f"`tacit models pull {name}` ended with status {status}",
            last.remedy or f"Run `tacit models pull {name}` in a terminal to see what is wrong.",
        )
