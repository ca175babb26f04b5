"""The index: what is in which file of which view, stored once by content. `retrieval.schema` is its format.

A view is one branch or work tree of one workspace. Files are known by the hash of their content and chunks
by theirs, so what another view has seen already costs only its row in `view_file`; nothing is cut or embedded
a second time. Writing is done in batches, each one transaction: whole or not at all, whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw
import msgspec
import numpy as np

from retrieval.batch import Batch, today
from retrieval.schema import CHUNK, Embedder, StoreError, explained, inode_of, name_of, open_database

UNUSED_DAYS = 14
UNTIDY = 1000  # files that were cut, after which `Store.tidy` is worth its time


class View(msgspec.Struct, frozen=True):
    """One branch or work tree (`branch`) of the workspace at `root`."""

    id: int
    root: str
    branch: str


class Store:
    """One process's access to the database; one thread at a time."""

    def __init__(self, path: Path, connection: apsw.Connection, embedder: Embedder) -> None:
        self.path = path
        self.connection = connection
        self.embedder = embedder
        self._inode = inode_of(path)

    @classmethod
    def open(cls, path: Path, embedder: Embedder | None = None) -> Store:
        """Open or create; by default with the embedding that ships with Tacit. Raises StoreError."""
        if embedder is None:
            from retrieval.embedding import StaticEmbedding

            embedder = StaticEmbedding.load()
        return cls(path, open_database(path, embedder.model_id), embedder)

    def close(self) -> None:
        """Let go of the database, whatever state it is in."""
        with suppress(apsw.Error):
            self.connection.close()

    def view(self, root: str | Path, branch: str = "", *, like: View | None = None) -> View:
        """The view of this name; a new one starts with what is in `like`, or empty and without a tree."""
        with self._transaction("immediate"):
            key = (str(root), branch)
            row = self._one("select id from view where root = ? and branch = ?", *key)
            if row is None:
                self.connection.execute("insert into view(root, branch, generation) values(?, ?, 0)", key)
                row = (self.connection.last_insert_rowid(),)
                if like is not None:
                    self._copy(like.id, row[0])
            return View(row[0], *key)

    def views(self) -> list[View]:
        """Every view there is."""
        with self._explained():
            rows = self._rows("select id, root, branch from view order by id")
        return [View(*row) for row in rows]

    def forget(self, view: View) -> None:
        """Remove a view. What only it held stays for UNUSED_DAYS, in case it comes back."""
        with self._transaction("immediate"):
            self._release("select distinct file from view_file where view = ?", view.id, view.id)
            self.connection.execute("delete from view_file where view = ?", (view.id,))
            self.connection.execute("delete from view where id = ?", (view.id,))

    def tree(self, view: View) -> bytes | None:
        """The view's Merkle tree as the last batch left it, or None before the first."""
        with self._explained():
            row = self._one("select tree from view where id = ?", view.id)
        return row[0] if row else None

    def files(self, view: View) -> dict[str, bytes]:
        """Path -> hash of the content, for every file of the view."""
        with self._explained():
            rows = self._rows(
                "select v.path, f.hash from view_file v join file f on f.id = v.file where v.view = ?",
                view.id,
            )
        return dict(rows)

    @contextmanager
    def batch(self, view: View) -> Iterator[Batch]:
        """One transaction on a view: committed at the end of the block, undone by an exception."""
        with self._transaction("immediate"):
            connection = self.connection
            connection.execute("update view set generation = generation + 1 where id = ?", (view.id,))
            row = self._one("select generation from view where id = ?", view.id)
            if row is None:
                raise StoreError(
                    f"The view {view.branch} of {view.root} is gone", "Open the workspace again."
                )
            yield Batch(self.connection, self.embedder, view.id, row[0])

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """The state of one instant, for several look-ups."""
        with self._transaction("deferred"):
            yield self.connection

    def sweep(self, days: int = UNUSED_DAYS) -> int:
        """Remove contents that no view has held for `days`, and chunks that are left without a file."""
        with self._transaction("immediate"):
            execute = self.connection.execute
            execute("delete from file where released is not null and released <= ?", (today() - days,))
            removed = self.connection.changes()
            if removed:
                used = {
                    int(each)
                    for (blob,) in execute("select chunks from file")
                    for each in np.frombuffer(blob, CHUNK)["id"]
                }
                for (chunk,) in self._rows("select id from chunk"):
                    if chunk not in used:
                        self._remove_chunk(chunk)
            return removed

    def tidy(self) -> None:
        """Give back what was freed, and forget what nobody holds; for when nothing else is to be done."""
        self.sweep()
        with self._explained():
            self.connection.execute("insert into words(words) values('optimize')")
            self.connection.execute("pragma incremental_vacuum").fetchall()
            self.connection.execute("pragma wal_checkpoint(passive)").fetchall()

    def checkpoint(self) -> None:
        """Write the log into the database, and take its file down to nothing."""
        with self._explained():
            self.connection.execute("pragma wal_checkpoint(truncate)").fetchall()

    def check(self) -> list[str]:
        """What is wrong with the database, in words: nothing, unless Tacit or the disk is at fault."""
        from retrieval.check import problems

        with self.reading() as connection:
            return list(problems(connection, self.embedder.dims))

    def _remove_chunk(self, chunk: int) -> None:
        execute = self.connection.execute
        row = self._one("select context from chunk where id = ?", chunk)
        assert row is not None
        execute("delete from symbol where name = ? and chunk = ?", (name_of(row[0]).lower(), chunk))
        execute("delete from words where rowid = ?", (chunk,))
        execute("delete from vector where chunk = ?", (chunk,))
        execute("delete from chunk where id = ?", (chunk,))

    def _copy(self, source: int, target: int) -> None:
        self.connection.execute(
            "insert into view_file(view, path, file, generation) select ?, path, file, 0 from view_file"
            " where view = ? and file is not null",
            (target, source),
        )
        self.connection.execute(
            "update view set tree = (select tree from view where id = ?) where id = ?", (source, target)
        )

    def _release(self, files: str, *values: int) -> None:
        """Note which of `files` no other view holds; the last value is the view that lets go."""
        self.connection.execute(
            f"update file set released = ? where id in ({files}) and not exists"
            " (select 1 from view_file where file = file.id and view <> ?)",
            (today(), *values),
        )

    def _one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        return self.connection.execute(statement, values).fetchone()

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with explained(self.path, self._inode):
            yield

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        with self._explained():
            self.connection.execute(f"begin {kind}")
            try:
                yield
                self.connection.execute("commit")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("rollback")
                raise
