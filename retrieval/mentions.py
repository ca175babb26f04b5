"""Files that use a name: where a definition was renamed, these still call it by the old one.

The index knows which chunks hold a name's terms; whether it is that very name is read from the files. A name
that another file defines as well, or that very many use, says too little of what is meant by it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import apsw
import msgspec
import numpy as np
import numpy.typing as npt

from retrieval.excerpts import Read, family
from retrieval.schema import name_of
from retrieval.snapshot import Snapshot
from retrieval.tokens import terms

FILES = 20  # that use a name; of more than these it is anybody's
READ = 200  # files that are looked into
LONGEST = 200_000  # characters of a file
_BLOCK = 1000  # chunks that are asked for at once


class Mention(msgspec.Struct, frozen=True):
    """A file that uses the name, by its path from the workspace folder, and its text."""

    path: str
    text: str


def mentions(
    connection: apsw.Connection, snapshot: Snapshot, path: str, name: str, read: Read
) -> list[Mention]:
    """Files beside `path`, of its language, that use `name`; none where they say too little."""
    if _defined(connection, snapshot, name) - {path}:
        return []
    word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    found: list[Mention] = []
    for other in sorted(_holders(connection, snapshot, name) - {path}):
        text = read(other) if family(other) == family(path) else None
        if text and len(text) <= LONGEST and word.search(text):
            found.append(Mention(other, text))
            if len(found) > FILES:
                return []
    return found


def _defined(connection: apsw.Connection, snapshot: Snapshot, name: str) -> set[str]:
    """Files that define the name, at their top or within something."""
    rows = connection.execute(
        "select c.id, c.context from symbol s join chunk c on c.id = s.chunk where s.name = ?",
        (name.lower(),),
    )
    return _files(snapshot, [id for id, context in rows if name_of(context) == name])


def _holders(connection: apsw.Connection, snapshot: Snapshot, name: str) -> set[str]:
    """Files with all terms of the name in a chunk; none where these are so many that reading takes long."""
    wanted = " AND ".join(f'"{term}"' for term in dict.fromkeys(terms(name)))
    found = connection.execute("select rowid from words where words match ?", (wanted,)) if wanted else ()
    rows: Iterator[int] = (row for (row,) in found)
    paths: set[str] = set()
    while len(paths) <= READ and (block := list(islice(rows, _BLOCK))):
        paths |= _files(snapshot, block)
    return paths if len(paths) <= READ else set()


def _files(snapshot: Snapshot, chunks: list[int]) -> set[str]:
    """The files of the view that hold one of these chunks."""
    ids: npt.NDArray[np.int64] = np.array(chunks, np.int64)
    held = snapshot.rows_of(np.unique(ids[snapshot.holds(ids)]))
    return {snapshot.paths[at] for at in snapshot.path_of[held].tolist()}
