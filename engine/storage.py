"""Writing files so that a crash never leaves a half-written one under a whole one's name."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

MAKE_SPACE = "Free some space, or set TACIT_CACHE_DIR to a folder on another disk."


def publish(finished: Path, target: Path) -> None:
    """Give a finished file, or a folder of files, its name, once the bytes are on the disk."""
    for path in finished.iterdir() if finished.is_dir() else [finished]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    finished.replace(target)


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a small file, so that a reader sees the old one or the new one. Raises OSError.

    `private`: it and a folder that is made for it are their owner's alone.
    """
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
    with open(handle, "wb") as file:
        file.write(data)
    new.replace(path)


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """An empty folder for the time of the block, also where a killed process left things in it.

    The caller holds a lock that keeps others away from it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_bytes(folder: Path) -> int:
    """Space left on the disk of `folder`, which exists."""
    return shutil.disk_usage(folder).free


def explain(error: OSError, folder: Path) -> tuple[str, str]:
    """Why `folder` could not be written, and what helps: two sentences for the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full: {error.filename or folder} could not be written", MAKE_SPACE
    return (
        f"{folder} cannot be used: {error.strerror or error}",
        "Make it writable, or set TACIT_CACHE_DIR to a folder that is.",
    )
