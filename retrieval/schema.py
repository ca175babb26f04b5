"""The index on disk: one SQLite database in write-ahead mode, shared by every workspace of a user.

Format, version 2 (`PRAGMA user_version`; `application_id` 0x54434954, "TCIT"):

    view       id, root, branch          one branch or work tree of one workspace
               generation                counts the batches that changed it
               tree                      its Merkle tree, written last in each batch; NULL before the first
    view_file  view, path                what is in a view: path -> content
               file                      file.id, or NULL once the path is gone, so that readers notice
               stat                      not used: the tree holds the stats
               generation                of the view when this row changed
    file       id, hash                  a content, whoever holds it, under whatever names
               chunks                    array of CHUNK records in the order of the text: id, start, end,
                                         start_line, end_line
               signs                     array (chunks, dims / 8) of bytes: the signs of the chunks' vectors
               released                  day on which the last view let go of it, or NULL
    chunk      id, hash                  a piece of code, stored once however many files hold it
               kind, signature
               context                   qualified name, whose last part is the name; "" for what has none
               head                      lines from its first to the definition's own; -1 in a further piece
    vector     chunk                     chunk.id -> its embedding, dims / 2 bytes (`retrieval.vectors`)
    words      name, signature, doc,     full-text index (FTS5, contentless) of `tokens.terms`, sorted and
               body                      MOST_REPEATED times at most; rowid = chunk.id. `words_terms` counts
                                         the chunks of each term
               padding                   PADDING times one token that no term is. BM25 divides by length, and
                                         FTS5 fixes how much that matters (b = 0.75); padding tempers it
    symbol     name, initials, chunk     lower-case names for prefix and abbreviation look-ups
    meta       key, value                "model": the embedding's id. Another model is another database

Of source text there are names and signatures in it. Ids are never used again (AUTOINCREMENT), so that what a
reader remembers of an id never comes to mean something else. Nothing in it is precious: a database that is
damaged, older or of another embedding is made anew, with one message; a newer one is refused.

StoreError        the index cannot be used, with a remedy
  StoreDamaged    it was damaged, and has been removed to be built again
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import apsw
import numpy as np

from engine.locks import locked
from engine.paths import cache_dir
from retrieval.vectors import Vectors

if TYPE_CHECKING:
    from retrieval.chunk import Chunk

log = logging.getLogger("tacit.index")

VERSION = 2
APPLICATION_ID = 0x54434954
BUSY_MS = 20_000
PADDING = 64
PADDING_TOKEN = "\u00b7"

CHUNK = np.dtype(
    [("id", "<i8"), ("start", "<u4"), ("end", "<u4"), ("start_line", "<u4"), ("end_line", "<u4")]
)

_TABLES = """
create table meta(key text primary key, value text) without rowid;
create table view(id integer primary key autoincrement, root text, branch text, generation integer not null,
                  tree blob, unique(root, branch));
create table view_file(view integer, path text, file integer, stat blob, generation integer,
                       unique(view, path));
create index view_file_generation on view_file(view, generation);
create index view_file_file on view_file(file);
create table file(id integer primary key autoincrement, hash blob unique, chunks blob, signs blob,
                  released integer);
create table chunk(id integer primary key autoincrement, hash blob unique, kind text,
                   context text, signature text, head integer);
create table vector(chunk integer primary key, vector blob);
create table symbol(name text, initials text, chunk integer, primary key(name, chunk)) without rowid;
create index symbol_initials on symbol(initials, chunk);
create virtual table words using fts5(name, signature, doc, body, padding, content='', contentless_delete=1,
                                      tokenize="ascii");
create virtual table words_terms using fts5vocab(words, row);
"""


class Embedder(Protocol):
    """What turns chunks into vectors."""

    @property
    def model_id(self) -> str:
        """Changes whenever any vector would."""

    @property
    def dims(self) -> int:
        """The length of a vector: a multiple of 64."""

    def chunks(self, chunks: Sequence[Chunk]) -> Vectors:
        """One vector for each, (n, dims), of which only the direction counts."""


def name_of(context: str) -> str:
    """The last part of a qualified name."""
    return context.rpartition(".")[2]


def index_path() -> Path:
    """Where the index of this user is; one for all workspaces."""
    return cache_dir() / "index" / f"index-{VERSION}.db"


class StoreError(Exception):
    """`str()` says what is wrong; `remedy` is a sentence about what helps."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class StoreDamaged(StoreError):
    """The database was damaged. It has been removed; opening it again gives an empty one."""


def open_database(path: Path, model: str) -> apsw.Connection:
    """A connection to a database of this version and model; raises StoreError.

    A damaged or older one is replaced by an empty one, with one line in the log.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(path.name + ".lock")):
            return _open_or_replace(path, model)
    except OSError as error:
        raise StoreError(f"The index {path} cannot be used: {error.strerror}", _MAKE_WRITABLE) from error


@contextlib.contextmanager
def explained(path: Path, inode: int) -> Iterator[None]:
    """SQLite's errors within the block as StoreError. `inode`: which file at `path` this is about."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        discard(path, inode)
        message = f"The index {path} was damaged ({error}) and is built again"
        log.warning(message)
        raise StoreDamaged(message, "Nothing needs to be done.") from error
    except apsw.FullError as error:
        raise StoreError(f"The disk is full: the index {path} could not be written", _MAKE_SPACE) from error
    except apsw.BusyError as error:
        raise StoreError(f"Another process keeps the index {path} locked", "Try again later.") from error
    except (apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
        raise StoreError(f"The index {path} cannot be used: {error}", _MAKE_WRITABLE) from error


_MAKE_SPACE = "Free some space, or set TACIT_CACHE_DIR to a folder on another disk."
_MAKE_WRITABLE = "Make it writable, or set TACIT_CACHE_DIR to a folder that is."


def discard(path: Path, inode: int) -> None:
    """Remove a database, unless another process has put a new one in its place already."""
    with contextlib.suppress(OSError):
        if path.stat().st_ino != inode:
            return
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def inode_of(path: Path) -> int:
    """What tells a database from another one that takes its place."""
    return path.stat().st_ino if path.exists() else 0


def _open_or_replace(path: Path, model: str) -> apsw.Connection:
    problem = ""
    for _ in range(2):
        try:
            connection = _connect(path)
            problem = _problem(connection, path, model)
        except (apsw.CorruptError, apsw.NotADBError) as error:
            problem = f"was damaged ({error})"
        except apsw.Error:
            with explained(path, inode_of(path)):
                raise
        else:
            if not problem:
                return connection
            connection.close()
        log.warning("The index %s %s and is built again", path, problem)
        discard(path, inode_of(path))
    raise StoreError(f"The index {path} {problem}", _MAKE_WRITABLE)


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(BUSY_MS)
    for pragma in (
        "auto_vacuum=incremental",  # of a new database only; `Store.tidy` uses it
        "journal_mode=wal",
        "synchronous=normal",
        "temp_store=memory",
        "cache_size=-32768",
        "mmap_size=268435456",
    ):
        connection.pragma(*pragma.split("="))
    return connection


def _problem(connection: apsw.Connection, path: Path, model: str) -> str:
    """What keeps this database from being used as it is, or "". A new one gets its tables."""
    version = connection.pragma("user_version")
    if version == 0 and not connection.execute("select count(*) from sqlite_schema").get:
        _create(connection, model)
        return ""
    if connection.pragma("application_id") != APPLICATION_ID:
        return "is not an index"
    if version > VERSION:
        raise StoreError(
            f"The index {path} was made by a newer Tacit", "Update this one, or set TACIT_CACHE_DIR."
        )
    if version < VERSION:
        return "is of an older version"
    tables = {name for (name,) in connection.execute("select name from sqlite_schema")}
    if not {"meta", "view", "view_file", "file", "chunk", "vector", "symbol", "words"} <= tables:
        return "lacks tables"
    stored = connection.execute("select value from meta where key = 'model'").get
    return "" if stored == model else f"is of the embedding {stored}"


def _create(connection: apsw.Connection, model: str) -> None:
    with connection:
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", VERSION)
        connection.execute(_TABLES)
        connection.execute("insert into meta values('model', ?)", (model,))
