"""The tortures by name, with their full amounts, and a world of their own for each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.torture import day, edits, kills, messages, sizes, storms, trouble, typist, workspace

Torture = Callable[[int, int, Path], dict[str, Any]]
"""Takes an amount, a seed and an empty folder."""

TORTURES: dict[str, tuple[Torture, int]] = {
    "messages": (messages.run, 100_000),
    "edits": (edits.run, 1_000_000),
    "kills": (kills.run, 500),
    "day": (day.run, 48_000),
    "sizes": (sizes.run, 1),
    "typist": (typist.run, 6_000),
    "storms": (storms.run, 50_000),
    "trouble": (trouble.run, 20),
    "workspace": (workspace.run, 1_000),
}


@contextlib.contextmanager
def own_folders(folder: Path) -> Iterator[None]:
    """No torture sees the user's cache, or servers that run on this machine."""
    mine = {"TACIT_CACHE_DIR": str(folder / "cache"), "TACIT_STATE_DIR": str(folder / "state")}
    before = {name: os.environ.get(name) for name in mine}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
