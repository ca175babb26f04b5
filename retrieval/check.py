"""Whether an index is what `retrieval.schema` says it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw
import numpy as np

from retrieval.schema import CHUNK, name_of
from retrieval.vectors import signs, unpack


def problems(connection: apsw.Connection, dims: int) -> Iterator[str]:
    """What is wrong, in words. Reads the whole database."""
    execute = connection.execute
    for (line,) in execute("pragma integrity_check"):
        if line != "ok":
            yield line
    for (path,) in execute(
        "select path from view_file where file is not null and file not in (select id from file)"
    ):
        yield f"{path} holds a content that is not there"
    for (view,) in execute(
        "select view from view_file except select id from view",
    ):
        yield f"there are files of a view {view} that is not there"
    for (path,) in execute(
        "select path from view_file f join view v on v.id = f.view where f.generation > v.generation"
    ):
        yield f"{path} changed in a batch that was not yet"
    for (file,) in execute(
        "select id from file f where (released is null) <> exists (select 1 from view_file where file = f.id)"
    ):
        yield f"file {file}: released and held, or neither"
    chunks = dict(execute("select id, context from chunk"))
    yield from _same(set(chunks), {id for (id,) in execute("select chunk from vector")}, "vectors")
    yield from _same(set(chunks), {id for (id,) in execute("select rowid from words")}, "words")
    named = {(name_of(context).lower(), id) for id, context in chunks.items() if context}
    yield from _same(named, set(execute("select name, chunk from symbol")), "symbols")
    for file, packed, stored in execute("select id, chunks, signs from file"):
        ids = np.frombuffer(packed, CHUNK)["id"].tolist()
        if not chunks.keys() >= set(ids):
            yield f"file {file} has chunks that are not there"
        elif stored != b"".join(_signs(connection, id, dims) for id in ids):
            yield f"file {file}: signs are not those of its chunks' vectors"


def _same(wanted: set[Any], found: set[Any], what: str) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: {len(wanted - found)} missing, {len(found - wanted)} too many"


def _signs(connection: apsw.Connection, chunk: int, dims: int) -> bytes:
    row = connection.execute("select vector from vector where chunk = ?", (chunk,)).fetchone()
    return signs(unpack(row[0], dims)) if row and len(row[0]) == dims // 2 else b""
