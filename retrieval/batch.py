"""The changes to one view in one transaction of the index (`retrieval.store`)."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import apsw
import numpy as np

from retrieval.schema import CHUNK, PADDING, PADDING_TOKEN, Embedder, name_of
from retrieval.symbols import initials
from retrieval.tokens import terms
from retrieval.vectors import pack, signs, unpack

if TYPE_CHECKING:
    from retrieval.chunk import Chunk


MOST_REPEATED = 4  # of one term in one field: BM25 makes little of more


class Batch:
    """The changes of one transaction."""

    def __init__(self, connection: apsw.Connection, embedder: Embedder, view: int, generation: int) -> None:
        self._connection = connection
        self._embedder = embedder
        self._view = view
        self._generation = generation
        self._execute = connection.execute

    def known(self, file_hash: bytes) -> bool:
        """Whether this content has been cut and embedded before, in any view."""
        return self._one("select 1 from file where hash = ?", file_hash) is not None

    def put(self, path: str, file_hash: bytes, chunks: Sequence[Chunk] | None) -> None:
        """The content of `path` is now the one of this hash. `chunks` may be None where it is known.

        Raises ValueError for None where it is not.
        """
        row = self._one("select id from file where hash = ?", file_hash)
        if row is None:
            if chunks is None:
                raise ValueError(f"{path}: the chunks of an unknown content are missing")
            file = self._add_file(file_hash, chunks)
        else:
            file = row[0]
        self._let_go(path, but_for=file)
        self._execute("update file set released = null where id = ? and released is not null", (file,))
        self._set(path, file)

    def drop(self, path: str) -> None:
        """`path` is no longer there; nothing happens where it never was."""
        if self._let_go(path):
            self._set(path, None)

    def set_tree(self, tree: bytes) -> None:
        """Keep the view's Merkle tree: the last thing in a batch, as it says what the batch has done."""
        self._execute("update view set tree = ? where id = ?", (tree, self._view))

    def _set(self, path: str, file: int | None) -> None:
        row = (self._view, path, file, self._generation)
        self._execute(
            "insert or replace into view_file(view, path, file, generation) values(?, ?, ?, ?)", row
        )

    def _let_go(self, path: str, but_for: int | None = None) -> bool:
        """Release what `path` holds now, unless it is `but_for`; False where it holds nothing."""
        key = (self._view, path)
        row = self._one("select file from view_file where view = ? and path = ?", *key)
        if row is None or row[0] is None:
            return False
        if row[0] != but_for and self._holders(row[0]) == 1:
            self._execute("update file set released = ? where id = ?", (today(), row[0]))
        return True

    def _holders(self, file: int) -> int:
        row = self._one("select count(*) from (select 1 from view_file where file = ? limit 2)", file)
        assert row is not None
        return int(row[0])

    def _add_file(self, file_hash: bytes, chunks: Sequence[Chunk]) -> int:
        ids = self._chunk_ids(chunks)
        records = np.array(
            [
                (id, chunk.start, chunk.end, chunk.start_line, chunk.end_line)
                for id, chunk in zip(ids, chunks, strict=True)
            ],
            CHUNK,
        )
        row = (file_hash, records.tobytes(), self._signs(ids))
        self._execute("insert into file(hash, chunks, signs) values(?, ?, ?)", row)
        return self._connection.last_insert_rowid()

    def _chunk_ids(self, chunks: Sequence[Chunk]) -> list[int]:
        """The ids of chunks, those that are new added and embedded together."""
        ids: dict[bytes, int] = {}
        new: dict[bytes, Chunk] = {}
        for chunk in chunks:
            row = self._one("select id from chunk where hash = ?", chunk.hash)
            if row is None:
                new.setdefault(chunk.hash, chunk)
            else:
                ids[chunk.hash] = row[0]
        if new:
            vectors = pack(self._embedder.chunks(list(new.values())))
            for chunk, vector in zip(new.values(), vectors, strict=True):
                ids[chunk.hash] = self._add_chunk(chunk, vector.tobytes())
        return [ids[chunk.hash] for chunk in chunks]

    def _add_chunk(self, chunk: Chunk, vector: bytes) -> int:
        row = (chunk.hash, *map(_storable, (chunk.kind, chunk.context, chunk.signature)), chunk.head)
        self._execute("insert into chunk(hash, kind, context, signature, head) values(?, ?, ?, ?, ?)", row)
        id = self._connection.last_insert_rowid()
        self._execute("insert into vector values(?, ?)", (id, vector))
        self._execute(
            "insert into words(rowid, name, signature, doc, body, padding) values(?, ?, ?, ?, ?, ?)",
            (id, *fields(chunk), _PADDING),
        )
        if name := name_of(_storable(chunk.context)):
            self._execute("insert into symbol values(?, ?, ?)", (name.lower(), initials(name), id))
        return id

    def _signs(self, ids: Sequence[int]) -> bytes:
        stored = [self._one("select vector from vector where chunk = ?", id) for id in ids]
        return signs(unpack(b"".join(row[0] for row in stored if row), self._embedder.dims))

    def _one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        return self._execute(statement, values).fetchone()


_PADDING = " ".join([PADDING_TOKEN] * PADDING)


def fields(chunk: Chunk) -> tuple[str, ...]:
    """The columns of `words` but the last. The context counts as a part of the name."""
    texts = (chunk.context, chunk.signature, chunk.doc, chunk.text)
    return tuple(_storable(" ".join(_counted(terms(text)))) for text in texts)


def _counted(found: Sequence[str]) -> Iterator[str]:
    """Each term as often as it counts. Where it stood is of no use, and equal ones side by side take less."""
    for term, count in sorted(Counter(found).items()):
        yield from [term] * min(count, MOST_REPEATED)


_SURROGATES = re.compile(r"[\ud800-\udfff]")


def _storable(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)


def today() -> int:
    """Days since 1970; what the clock says need not be right, only `Store.sweep` goes by it."""
    return int(time.time() // 86400)
