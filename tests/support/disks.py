"""Disks that refuse: full ones and read-only ones. Only root may mount them; tests for others are skipped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """`folder` as a disk of its own, of that size."""
    with _mounted(folder, ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"]):
        yield folder


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """`folder`, with what it holds, such that nothing can be written there."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield folder
        finally:
            folder.chmod(0o700)
    else:
        with _mounted(folder, ["--bind", str(folder)]):
            subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
            yield folder


@contextmanager
def _mounted(folder: Path, arguments: list[str]) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user may not mount disks")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
