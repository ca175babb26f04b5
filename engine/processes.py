"""Processes of our own beside the server: how one is started, and frames on its pipes.

A frame is a length of four bytes (little-endian) and a body of so many bytes.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import IO, Final

LENGTH: Final = struct.Struct("<I")


def python_module(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this very Tacit, together with `environment`."""
    # -P keeps what lies in the user's working directory out of it.
    return sys.executable, "-P", "-m", module, *arguments


def environment() -> dict[str, str]:
    """This process's, and where to find this Tacit."""
    home = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def framed(body: bytes) -> bytes:
    """The frame of a body."""
    return LENGTH.pack(len(body)) + body


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next frame's body; None where the pipe ends before the frame does. Blocks."""
    head = _exactly(pipe, LENGTH.size)
    return None if head is None else _exactly(pipe, LENGTH.unpack(head)[0])


def _exactly(pipe: IO[bytes], size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:  # a pipe without a buffer gives what there is
        more = pipe.read(size - len(data))
        if not more:
            return None
        data += more
    return bytes(data)
