"""What became of every answer, of all servers of this user: `<state folder>/trace/`, 0600 in 0700.

    trace.jsonl      the newest, one `reports.Request` a line, as JSON
    trace.1.jsonl    those before, until trace.jsonl is full and takes its place

Together LARGEST bytes at most. No source text and no paths: documents go by their file name. A line is
written at once, so that a server that is killed leaves at most the last one torn, and what cannot be read is
passed over. Times are of the answer; outcomes of what was shown come later, as lines of their own.

`Trace.add` may be called from any thread and never waits: the file is another thread's. Where the disk fails,
entries are lost, and one line in the log says so.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from engine.locks import locked
from engine.paths import state_dir
from lsp_server.reports import Request

log = logging.getLogger("tacit.trace")

LARGEST = 4 << 20
"""Bytes of both files together: some ten thousand answers."""

MOST_WAITING = 2_000
"""Entries that wait for the disk; those beyond are lost."""

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Request)


class Trace:
    """Writes entries, one after another, on a thread that is started with the first."""

    def __init__(self) -> None:
        self.lost = 0
        """Entries that the disk would not take."""
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._told = False

    def add(self, entry: Request) -> None:
        """Write this soon."""
        if self._waiting.qsize() >= MOST_WAITING:
            self.lost += 1
            return
        with self._lock:
            if self._closed:
                return
            self._waiting.put(entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tacit-trace", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """Write what waits, and end; a disk that hangs is not waited for."""
        with self._lock:
            self._closed = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            entries = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(entries) < MOST_WAITING:
                    entries.append(self._waiting.get_nowait())
            known = [each for each in entries if each is not None]
            try:
                if known:
                    append(known)
            except OSError as error:
                self.lost += len(known)
                if not self._told:
                    self._told = True
                    log.warning("the trace is not written: %s", error.strerror)
            if len(known) < len(entries):
                return


def folder() -> Path:
    """Where the files are."""
    return state_dir() / "trace"


def append(entries: Iterable[Request]) -> None:
    """Write entries at the end, making room where there is none. Raises OSError."""
    data = b"".join(_ENCODER.encode(each) + b"\n" for each in entries)
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    newest = place / "trace.jsonl"
    if _size(newest) + len(data) > LARGEST // 2:
        with locked(place / "lock"):  # several servers write
            if _size(newest) + len(data) > LARGEST // 2:
                with contextlib.suppress(FileNotFoundError):
                    os.replace(newest, place / "trace.1.jsonl")
    file = os.open(newest, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # After a kill or a full disk in the middle of a line.
        size = os.fstat(file).st_size
        torn = size and os.lseek(file, size - 1, os.SEEK_SET) >= 0 and os.read(file, 1) != b"\n"
        os.write(file, b"\n" + data if torn else data)
    finally:
        os.close(file)


def read(last: int | None = None, kinds: Iterable[str] = ()) -> list[Request]:
    """The newest entries, of these kinds or of all, oldest first; none where there is no trace."""
    wanted = frozenset(kinds)
    found = [each for each in _entries() if not wanted or each.kind in wanted]
    found.sort(key=lambda each: each.at)
    return found if last is None else found[max(len(found) - last, 0) :]


def clear() -> int:
    """Remove the trace; the bytes that it took."""
    freed = 0
    for path in _files():
        freed += _size(path)
        path.unlink(missing_ok=True)
    return freed


def bytes_kept() -> int:
    """What the trace takes on the disk."""
    return sum(map(_size, _files()))


def redacted(entries: Iterable[Request]) -> Iterator[Request]:
    """The same without names: a file is a number that is the same in this export only."""
    key = secrets.token_bytes(16)
    for each in entries:
        name = blake2b(each.document.encode("utf-8", "replace"), key=key, digest_size=6).hexdigest()
        detail = each.detail if _PLAIN.fullmatch(each.detail) else ""
        yield msgspec.structs.replace(each, document=name if each.document else "", detail=detail)


_PLAIN = re.compile(r"[\d.,% ]*(?:tokens to read, time for \d+|of another version|for another \d+ min)?")
"""Details that are known to hold figures only."""


def _entries() -> Iterator[Request]:
    for path in _files():
        with contextlib.suppress(OSError):
            for line in path.read_bytes().split(b"\n"):
                # Torn, or of another version of Tacit.
                with contextlib.suppress(msgspec.DecodeError):
                    if line:
                        yield _DECODER.decode(line)


def _files() -> list[Path]:
    return [folder() / "trace.1.jsonl", folder() / "trace.jsonl"]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
