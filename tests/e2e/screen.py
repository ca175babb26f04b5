"""What a person would see: a terminal is attached to a running Neovim, and its screen is read as text."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pyte

ROWS, COLUMNS = 32, 80
GHOST_COLOUR = "brightblack"


def capture(launcher: Path, socket_path: Path, environment: Mapping[str, str], seconds: float = 1.0) -> str:
    """The screen after `seconds`, with every run of ghost text between `‹` and `›`."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    child = pexpect.spawn(
        str(launcher),
        ["--server", str(socket_path), "--remote-ui"],
        env={**environment, "TERM": "xterm-256color", "COLORTERM": ""},
        dimensions=(ROWS, COLUMNS),
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            stream.feed(child.read_nonblocking(1 << 16, timeout=0.1))
        except pexpect.TIMEOUT:
            continue
    child.close(force=True)
    return "\n".join(_marked(screen, row) for row in range(ROWS))


def _marked(screen: pyte.Screen, row: int) -> str:
    text, in_ghost = "", False
    for column in range(COLUMNS):
        cell = screen.buffer[row][column]
        ghost = cell.fg == GHOST_COLOUR and bool(cell.data.strip() or in_ghost)
        text += ("‹" if ghost else "›") * (ghost != in_ghost) + cell.data
        in_ghost = ghost
    return (text + "›" * in_ghost).rstrip()
