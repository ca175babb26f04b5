"""What became of suggestions, kept on this machine only: `<state folder>/feedback.sqlite3`, mode 0600.

Schema 1. No source text and no paths: kinds, languages, numbers, times, and keyed hashes (the key is in it).

    events    one suggestion each: id, at (seconds since 1970), project (hash), language, kind, probability,
              lines, seconds (until its outcome), outcome, kept (after a minute: 0, 1 or null)
    rejected  per project and fingerprint of an edit: its weight, and when it was rejected last
    meta      schema, key, learn_from (outcomes before it are no longer learnt from)

`Feedback` is the server's; its methods may be called on the loop thread, all work is done on a thread of its
own. The functions below it are the command line's.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from cache.record import meta, open_record
from completion.calibration import Correction, Outcome, fit
from engine.paths import state_dir

log = logging.getLogger("tacit.feedback")

SCHEMA = 1
LEARNT_FROM = 400
"""The newest outcomes that the correction is fitted to."""
REMEMBERED_S = 7 * 24 * 3600.0
"""How long a rejected edit is not offered again in its project."""
WEIGHTS = {"rejected": 3, "undone": 3, "ignored": 1}
ENOUGH = 3
"""Weight from which an edit counts as rejected: once rejected or undone, or ignored three times."""
ACCEPTED = frozenset(["accepted", "partly"])

_TABLES = """
create table if not exists events (
    id text primary key, at real not null, project text not null, language text not null, kind text not null,
    probability real not null, lines integer not null, seconds real not null, outcome text not null,
    kept integer);
create table if not exists rejected (
    project text not null, fingerprint text not null, weight integer not null, at real not null,
    primary key (project, fingerprint));
"""


class Event(msgspec.Struct, frozen=True):
    """One suggestion that was shown, and what became of it."""

    id: str
    at: float
    project: str
    language: str
    kind: str
    probability: float
    lines: int
    seconds: float
    outcome: str  # "accepted" | "partly" | "rejected" | "undone" | "ignored"
    kept: bool | None = None


def path() -> Path:
    """Where the record is kept."""
    return state_dir() / "feedback.sqlite3"


class Feedback:
    """The record of one server's workspace, and what has been learnt from it.

    `correction` and `rejected` are replaced as a whole, so that any thread may read them. Where the disk
    fails, nothing is learnt, and one line in the log says so.
    """

    def __init__(self) -> None:
        self.correction: Callable[[str, float], float] = Correction()
        self.rejected: frozenset[str] = frozenset()
        self.on = True
        self._project = self._project_hash = ""
        self._key = b""
        self._known = -1  # sqlite's data_version when the correction was fitted
        self._database: sqlite3.Connection | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._broken = False
        self._opened = threading.Event()

    def open(self, project: str, *, on: bool) -> None:
        """Work for this workspace; with `on` false nothing is recorded, read or corrected from now on."""
        self.on, self._project = on, project
        if on:
            self._do(self._load)
        else:
            self.correction, self.rejected = Correction(), frozenset()
            self._opened.set()

    def fingerprint(self, path: str, old: str, new: str) -> str:
        """An edit under a name that does not tell it: the same wherever it stands in the file.

        Waits for the record to be open: not for the loop thread.
        """
        self._opened.wait(1)
        old, new = (" ".join(text.split()) for text in (old, new))
        text = "\0".join((path, old, new)).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=16).hexdigest()

    def record(self, event: Event, fingerprint: str) -> None:
        """Keep what became of a suggestion; a later outcome of the same one takes the earlier one's place."""
        if self.on:
            self._do(lambda: self._record(event, fingerprint))

    def keep(self, id: str, kept: bool) -> None:
        """Note whether an accepted suggestion was still there after a minute."""
        if self.on:
            self._do(lambda: self._keep(id, kept))

    def refresh(self) -> None:
        """Learn anew if the record was changed by somebody else, such as `tacit feedback reset`."""
        if self.on:
            self._do(self._refresh)

    def reset(self) -> Future[None]:
        """Go back to what was learnt before any outcome; the record stays."""
        return self._do(self._reset)

    def flush(self) -> None:
        """Wait until everything has been written. For tests: raises TimeoutError."""
        self._do(lambda: None).result(20)

    def close(self) -> None:
        """Write what is left and let the thread end."""
        self.on = False
        if self._thread is not None:
            thread, self._thread = self._thread, None
            thread.submit(self._close)
            thread.shutdown(wait=True)

    # On the thread

    def _do(self, work: Callable[[], None]) -> Future[None]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="tacit-feedback")

        def guarded() -> None:
            if self._broken:
                return
            try:
                work()
            except (sqlite3.Error, OSError) as error:
                self._broken = not isinstance(error, sqlite3.OperationalError)
                log.warning("nothing is learnt from suggestions: %s", type(error).__name__)
                self._opened.set()

        return self._thread.submit(guarded)

    def _load(self) -> None:
        if self._database is None:
            self._database = connect(path())
        database = self._database
        self._key = bytes.fromhex(meta(database, "key"))
        self._project_hash = hashlib.blake2b(self._project.encode(), key=self._key, digest_size=8).hexdigest()
        self._learn(database)
        self._opened.set()

    def _learn(self, database: sqlite3.Connection) -> None:
        since = float(meta(database, "learn_from"))
        rows = database.execute(
            "select kind, probability, outcome from events where at >= ?"
            " order by at desc, rowid desc limit ?",
            (since, LEARNT_FROM),
        ).fetchall()
        outcomes = [Outcome(kind, p, outcome in ACCEPTED) for kind, p, outcome in reversed(rows)]
        found = database.execute(
            "select fingerprint from rejected where project = ? and weight >= ? and at >= ?",
            (self._project_hash, ENOUGH, time.time() - REMEMBERED_S),
        )
        rejected = frozenset(row[0] for row in found)
        self._known = _data_version(database)
        self.correction, self.rejected = fit(outcomes), rejected

    def _record(self, event: Event, fingerprint: str) -> None:
        database = self._connected()
        event = msgspec.structs.replace(event, project=self._project_hash)
        with database:
            database.execute(
                "insert or replace into events values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                msgspec.structs.astuple(event),
            )
            if weight := WEIGHTS.get(event.outcome, 0):
                database.execute(
                    "insert into rejected values (?, ?, ?, ?) on conflict do update set"
                    " at = excluded.at, weight = excluded.weight"
                    " + case when rejected.at < ? then 0 else rejected.weight end",
                    (self._project_hash, fingerprint, weight, event.at, event.at - REMEMBERED_S),
                )
            elif event.outcome in ACCEPTED:
                database.execute(
                    "delete from rejected where project = ? and fingerprint = ?",
                    (self._project_hash, fingerprint),
                )
        self._learn(database)

    def _keep(self, id: str, kept: bool) -> None:
        database = self._connected()
        with database:
            database.execute("update events set kept = ? where id = ?", (kept, id))

    def _refresh(self) -> None:
        database = self._connected()
        if _data_version(database) != self._known:
            self._learn(database)

    def _reset(self) -> None:
        if self.on:
            database = self._connected()
            _reset(database)
            self._learn(database)

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            self._load()
        assert self._database is not None
        return self._database

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def connect(path: Path) -> sqlite3.Connection:
    """Open the record, making it where there is none. One that cannot be read is put aside, never deleted."""
    return open_record(path, _TABLES, SCHEMA, {"learn_from": "0"})


def events() -> Iterator[Event]:
    """All events, oldest first; none where there is no record."""
    if not path().exists():
        return
    with contextlib.closing(connect(path())) as database:
        for row in database.execute("select * from events order by at, rowid"):
            fields = dict(zip(Event.__struct_fields__, row, strict=True))
            yield msgspec.convert(fields, Event, strict=False)


def reset() -> bool:
    """Learn anew from now on, in every server; whether there was a record."""
    if not path().exists():
        return False
    with contextlib.closing(connect(path())) as database:
        _reset(database)
    return True


def delete() -> int:
    """Empty the record, in every server; the number of events that were in it."""
    if not path().exists():
        return 0
    with contextlib.closing(connect(path())) as database:
        with database:
            count: int = database.execute("delete from events").rowcount
            database.execute("delete from rejected")
            database.execute("update meta set value = ? where name = 'learn_from'", (str(time.time()),))
        database.execute("vacuum")
    return count


def _reset(database: sqlite3.Connection) -> None:
    with database:
        database.execute("update meta set value = ? where name = 'learn_from'", (str(time.time()),))
        database.execute("delete from rejected")


def _data_version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma data_version").fetchone()[0])
