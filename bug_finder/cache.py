"""Findings that are known already, by what they were made of: `<cache folder>/bugs.sqlite3`, mode 0600.

Schema 1. A key is a hash of the recipe (detector and model), the language, what the file says outside of
its functions, the functions' heads, and one function's text with what stands above it. So an edit inside
a function costs that function alone, and nothing known is ever wrong.

    findings   key, value (msgpack: findings, counted from the function's start), used (day since 1970)

What was not asked for longest goes first. Where the disk fails, what is found is remembered in memory only.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from bug_finder.finding import Finding
from bug_finder.functions import Function
from cache.record import make_private
from engine.paths import cache_dir

log = logging.getLogger("tacit.bugs")

SCHEMA = 1
MOST = 100_000
"""Functions that are remembered: of about 200 bytes each where nothing was found."""

_TABLE = """
create table if not exists findings (key blob primary key, value blob not null, used integer) without rowid
"""
_DAY = 24 * 3600


def path() -> Path:
    """Where the findings are kept."""
    return cache_dir() / "bugs.sqlite3"


def shrink(place: Path, share: float) -> int:
    """Remove this share of the functions, those that were not asked for longest first; how many."""
    with contextlib.closing(_connect(str(place))) as database:
        count = int(database.execute("select count(*) from findings").fetchone()[0])
        with database:
            removed = database.execute(
                "delete from findings where key in (select key from findings order by used limit ?)",
                (math.ceil(count * share),),
            ).rowcount
        database.execute("vacuum")
        database.execute("pragma wal_checkpoint(truncate)")
    return removed


def keys(recipe: str, text: str, language: str, functions: Sequence[Function]) -> list[bytes]:
    """What each function's findings are known by."""
    around = hashlib.blake2b(f"{SCHEMA}\0{recipe}\0{language}\0".encode(), digest_size=16)
    done = 0
    for each in functions:
        around.update(_bytes(f"{text[done : each.start]}{each.name}\0{each.head}\0"))
        done = each.end
    around.update(_bytes(text[done:]))
    context, done = around.digest(), 0
    named: list[bytes] = []
    for each in functions:
        own = f"{each.name}\0{text[done : each.start]}\0{each.text}"
        named.append(hashlib.blake2b(_bytes(own), key=context, digest_size=16).digest())
        done = each.end
    return named


class Cache:
    """Findings by key. Any thread may use it."""

    def __init__(self, place: Path | None, most: int = MOST) -> None:
        """Open the one at `place`, making it where there is none; with None in memory only. Never raises."""
        self._most = most
        self._lock = threading.Lock()
        self._added = 0
        self._database = _open(place)

    def get(self, wanted: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are known."""
        today = int(time.time()) // _DAY
        found: dict[bytes, bytes] = {}
        stale: list[bytes] = []
        with self._lock:
            try:
                for key in wanted:
                    row = self._database.execute(
                        "select value, used from findings where key = ?", (key,)
                    ).fetchone()
                    if row is not None:
                        found[key] = row[0]
                        if row[1] != today:
                            stale.append(key)
                if stale:
                    with self._database:
                        self._database.executemany(
                            "update findings set used = ? where key = ?", [(today, key) for key in stale]
                        )
            except sqlite3.Error as error:
                self._give_up(error)
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Remember these."""
        today = int(time.time()) // _DAY
        rows = [(key, value, today) for key, value in values.items()]
        with self._lock:
            try:
                with self._database:
                    self._database.executemany("insert or replace into findings values (?, ?, ?)", rows)
                self._added += len(rows)
                if self._added > self._most // 20 or self._added == len(rows):
                    self._added = 1
                    self._sweep()
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def _sweep(self) -> None:
        count = int(self._database.execute("select count(*) from findings").fetchone()[0])
        if count > self._most:
            with self._database:
                self._database.execute(
                    "delete from findings where key in (select key from findings order by used limit ?)",
                    (count - self._most * 9 // 10,),
                )

    def _give_up(self, error: sqlite3.Error) -> None:
        if isinstance(error, sqlite3.ProgrammingError):  # closed while somebody was at work
            return
        log.warning("findings are remembered in memory only: %s", type(error).__name__)
        self._database.close()
        self._database = _open(None)


def packed(findings: Sequence[Finding], function: Function, line: int) -> bytes:
    """The findings of a function that begins on `line`, as a value."""
    return msgspec.msgpack.encode([_moved(each, -function.start, -line) for each in findings])


def unpacked(value: bytes, function: Function, line: int) -> list[Finding]:
    """The findings of a function that begins on `line`, from a value."""
    return [_moved(each, function.start, line) for each in _DECODER.decode(value)]


_DECODER = msgspec.msgpack.Decoder(list[Finding])


def _moved(finding: Finding, offset: int, lines: int) -> Finding:
    return replace(finding, start=finding.start + offset, end=finding.end + offset, line=finding.line + lines)


def _open(place: Path | None) -> sqlite3.Connection:
    if place is None:
        return _connect(":memory:")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        make_private(place)
        try:
            return _connect(str(place))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            place.unlink()  # it is a cache
            return _open(place)
    except (OSError, sqlite3.Error) as error:
        log.warning("findings are remembered in memory only: %s", type(error).__name__)
        return _connect(":memory:")


def _connect(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(name, timeout=5, check_same_thread=False)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = off")  # a lost entry is found anew
        version = int(database.execute("pragma user_version").fetchone()[0])
        if version != SCHEMA:
            database.execute("drop table if exists findings")
        with database:
            database.execute(_TABLE)
            database.execute(f"pragma user_version = {SCHEMA}")
    except BaseException:
        database.close()
        raise
    return database


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
