"""The files of a source as its list pins it, whether a commit or an archive holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self

from training.data import git
from training.data.archives import Archive
from training.data.repositories import Source


class Snapshot(Protocol):
    """Files that never change; a context, since something may have to be closed."""

    def tree(self) -> list[git.TreeFile]:
        """The regular files, sorted by path."""

    def read(self, blob: str, /) -> bytes | None:
        """The content of a file of the tree, or None where it is missing."""

    def __enter__(self) -> Self:
        """Opens it."""

    def __exit__(self, *_: object) -> None:
        """Closes it."""


def snapshot(source: Source, copy: Path) -> Snapshot:
    """What `copy` holds of `source`. Raises ArchiveError for another archive than the list pins."""
    return Archive(copy, source.head) if source.registry else git.Snapshot(copy, source.head)
