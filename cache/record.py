"""Small records that outlive a process: sqlite databases for their owner only, with a table `meta`.

    meta    name, value: `schema`, and `key`, a random one to hash names with

What cannot be read is put aside and never deleted. Raises sqlite3.Error or OSError where the disk fails.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger("tacit.record")

_META = "create table if not exists meta (name text primary key, value text not null);"


def open_record(
    path: Path, tables: str, schema: int, fresh: Mapping[str, str] | None = None
) -> sqlite3.Connection:
    """Open the record, making it where there is none. `fresh` is what a new one's `meta` says besides."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _open(path, tables, schema, fresh or {})
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        aside = path.with_suffix(f".damaged-{int(time.time())}")
        os.replace(path, aside)
        log.warning("%s could not be read and was put aside as %s", path.name, aside.name)
        return _open(path, tables, schema, fresh or {})


def meta(record: sqlite3.Connection, name: str) -> str:
    """A value of the table `meta` that is known to be there."""
    return str(record.execute("select value from meta where name = ?", (name,)).fetchone()[0])


def make_private(path: Path) -> None:
    """See to it that the file is there and its owner's alone, before sqlite makes it as the umask allows."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    os.chmod(path, 0o600)


def _open(path: Path, tables: str, schema: int, fresh: Mapping[str, str]) -> sqlite3.Connection:
    make_private(path)
    record = sqlite3.connect(path, timeout=5, check_same_thread=False)
    try:
        record.executescript(_META + tables)
        first = {"schema": str(schema), "key": secrets.token_hex(16), **fresh}
        with record:
            record.executemany("insert or ignore into meta values (?, ?)", first.items())
        if meta(record, "schema") != str(schema):
            raise sqlite3.DatabaseError("of another version")
    except BaseException:
        record.close()
        raise
    return record
