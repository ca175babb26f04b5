"""What the user has dismissed, by project: `<state folder>/dismissed.sqlite3`, for its owner only.

Schema 1. No source text and no paths: projects and fingerprints are kept as keyed hashes, the key is in it.

    dismissed   project, fingerprint, at (seconds since 1970)
    meta        schema, key

What cannot be read is put aside and never deleted. Raises sqlite3.Error or OSError where the disk fails.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

from cache.record import meta, open_record
from engine.paths import state_dir

SCHEMA = 1

_TABLES = """
create table if not exists dismissed (
    project text not null, fingerprint text not null, at real not null, primary key (project, fingerprint));
"""


def path() -> Path:
    """Where the record is kept."""
    return state_dir() / "dismissed.sqlite3"


def project_of(place: Path) -> Path:
    """The project of a file or folder: the nearest folder with a `.git`, else the folder itself."""
    place = Path(os.path.abspath(place))
    folder = place if place.is_dir() else place.parent
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return folder


class Dismissed:
    """One project's record. Any thread may use it; what another process has written is seen."""

    def __init__(self, project: Path) -> None:
        self._lock = threading.Lock()
        self._database = open_record(path(), _TABLES, SCHEMA)
        self._key = bytes.fromhex(meta(self._database, "key"))
        self._project = self._hash(os.path.realpath(project))
        self._known: frozenset[str] = frozenset()
        self._version = -1

    def __contains__(self, fingerprint: object) -> bool:
        """Whether a finding with this fingerprint was dismissed."""
        with self._lock:
            version = int(self._database.execute("pragma data_version").fetchone()[0])
            if version != self._version:
                self._version = version
                self._load()
            return self._hash(str(fingerprint)) in self._known

    def add(self, fingerprint: str) -> None:
        """Dismiss it, for good."""
        with self._lock:
            with self._database:
                self._database.execute(
                    "insert or replace into dismissed values (?, ?, ?)",
                    (self._project, self._hash(fingerprint), time.time()),
                )
            self._load()

    def undo(self, fingerprint: str | None = None) -> bool:
        """Take back the dismissal of a fingerprint, or else the last one; whether there was one."""
        with self._lock:
            last = "select fingerprint from dismissed where project = ? order by at desc, rowid desc limit 1"
            if fingerprint is not None:
                name: str | None = self._hash(fingerprint)
            else:
                row = self._database.execute(last, (self._project,)).fetchone()
                name = row and row[0]
            with self._database:
                count = self._database.execute(
                    "delete from dismissed where project = ? and fingerprint = ?", (self._project, name)
                ).rowcount
            self._load()
            return count > 0

    def __len__(self) -> int:
        """How many there are."""
        with self._lock:
            self._load()
            return len(self._known)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def _load(self) -> None:
        rows = self._database.execute("select fingerprint from dismissed where project = ?", (self._project,))
        self._known = frozenset(row[0] for row in rows)

    def _hash(self, text: str) -> str:
        return hashlib.blake2b(
            text.encode("utf-8", "surrogateescape"), key=self._key, digest_size=16
        ).hexdigest()
