"""What a search keeps in memory of one view: which chunks are in it, where, and the signs of their vectors.

56 bytes a chunk. Looking through all signs of 200,000 chunks takes a millisecond here; sqlite-vec, which was
measured first, takes forty and more (docs/DECISIONS.md), and cannot be asked about one view alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import apsw
import numpy as np
import numpy.typing as npt

from retrieval.schema import CHUNK

Rows = npt.NDArray[np.intp]


class _File(NamedTuple):
    """As in the database. Joining bytes takes a tenth of the time of joining arrays of records."""

    chunks: bytes  # CHUNK records
    signs: bytes  # (chunks, dims / 64) of 64 bits


class Snapshot:
    """One view as of its generation. A row is a chunk at its place; the same chunk may have several."""

    def __init__(self, view: int, dims: int) -> None:
        self._view = view
        self._words = dims // 64
        self._generation = -1
        self._files: dict[str, _File] = {}
        self._arrange()

    def refresh(self, connection: apsw.Connection) -> None:
        """Take in what changed since; the connection is in a transaction, so that all is of one instant."""
        row = connection.execute("select generation from view where id = ?", (self._view,)).fetchone()
        generation = row[0] if row else self._generation + 1
        if generation == self._generation:
            return
        if row is None:
            self._files.clear()
        changed = connection.execute(
            "select v.path, f.chunks, f.signs from view_file v left join file f on f.id = v.file"
            " where v.view = ? and v.generation > ?",
            (self._view, self._generation),
        )
        for path, chunks, signs in changed:
            self._files.pop(path, None)
            if chunks:
                self._files[path] = _File(chunks, signs)
        self._generation = generation
        self._arrange()

    def _arrange(self) -> None:
        files = self._files.values()
        self.paths: Sequence[str] = list(self._files)
        counts = [len(file.chunks) // CHUNK.itemsize for file in files]
        self.path_of = np.repeat(np.arange(len(files)), counts)
        self.chunks = np.frombuffer(b"".join([file.chunks for file in files]), CHUNK)
        signs = np.frombuffer(b"".join([file.signs for file in files]), np.uint64)
        self._signs = np.ascontiguousarray(signs.reshape(-1, self._words).T)
        self._by_id = np.argsort(self.chunks["id"], kind="stable")
        self._sorted_ids = self.chunks["id"][self._by_id]

    def __len__(self) -> int:
        return len(self.chunks)

    def chunks_of(self, path: str) -> list[tuple[int, ...]]:
        """The CHUNK records of a file, in the order of its text."""
        found: list[tuple[int, ...]] = np.frombuffer(self._files[path].chunks, CHUNK).tolist()
        return found

    def nearest(self, vector: npt.NDArray[np.float32], count: int) -> Rows:
        """At least `count` rows, if there are so many, whose signs differ least; equal ones all or none."""
        wanted = np.packbits(vector > 0).view(np.uint64)
        distance = np.zeros(len(self), np.uint16)
        for ours, theirs in zip(self._signs, wanted, strict=True):
            distance += np.bitwise_count(ours ^ theirs)
        within = np.cumsum(np.bincount(distance, minlength=1))
        return np.flatnonzero(distance <= np.searchsorted(within, min(count, len(self))))

    def holds(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of these chunks are in the view."""
        at = np.searchsorted(self._sorted_ids, ids)
        return np.asarray(np.append(self._sorted_ids, -1)[at] == ids)

    def rows_of(self, ids: npt.NDArray[np.int64]) -> Rows:
        """All rows of these different chunks."""
        first = np.searchsorted(self._sorted_ids, ids)
        last = np.searchsorted(self._sorted_ids, ids, side="right")
        spans = [self._by_id[start:end] for start, end in zip(first, last, strict=True)]
        return np.concatenate(spans or [np.empty(0, np.intp)])
