"""What the ways of getting a file share: they fail alike, and grow the same unfinished file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

_CHUNK = 1 << 20


class SourceFailed(Exception):
    """One source could not give the file; the message completes the sentence "it failed because ..."."""


def size_of(path: Path) -> int:
    """Bytes in `path`; 0 where there is no such file."""
    return path.stat().st_size if path.exists() else 0


def sha256_of(
    path: Path, start: int = 0, size: int | None = None, report: Callable[[int], None] = lambda done: None
) -> str:
    """Hash of `size` bytes from `start`, or of all that follow; `report` is told how many are done."""
    digest = hashlib.sha256()
    left = path.stat().st_size - start if size is None else size
    done = 0
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(min(_CHUNK, left - done)):
            digest.update(chunk)
            done += len(chunk)
            report(done)
    return digest.hexdigest()
