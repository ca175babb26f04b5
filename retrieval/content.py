"""What is in a file: text that is worth searching, or a reason why not."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path
from typing import Literal, NamedTuple

import xxhash

from retrieval.chunk import RECIPE
from retrieval.walk import Stat
from text.content import decoded, unwanted
from text.languages import language_of

Reason = Literal[
    "", "unreadable", "empty", "binary", "generated", "minified", "data", "too large", "too slow", "crashed"
]

_RACY_NS = 2_000_000_000
_NOTE = struct.Struct("<4Q")
UNSURE = bytes(_NOTE.size)


class Content(NamedTuple):
    """A file's text, or the reason for not having it."""

    reason: Reason
    text: str
    hash: bytes
    note: bytes


def read(place: Path, path: str) -> Content:
    """Read the file that `path` names in its workspace; it lies at `place`."""
    try:
        data, note = _read(place)
    except OSError:
        return Content("unreadable", "", bytes(16), UNSURE)
    file_hash = hash_of(path, data)
    reason = unwanted(path, data)
    if reason:
        return Content(reason, "", file_hash, note)
    return Content("", decoded(data), file_hash, note)


def fingerprint(place: Path, path: str) -> tuple[bytes, bytes]:
    """Hash and note of a file, without looking at what is in it; zeros and UNSURE if it cannot be read."""
    try:
        data, note = _read(place)
    except OSError:
        return bytes(16), UNSURE
    return hash_of(path, data), note


def hash_of(path: str, data: bytes) -> bytes:
    """16 bytes of xxh3 that stand for a content and what it is cut into: recipe, language, bytes."""
    digest = xxhash.xxh3_128(f"{RECIPE}\0{language_of(path=path)}\0".encode())
    digest.update(data)
    return digest.digest()


def note_of(result: Stat, now_ns: int | None = None) -> bytes:
    """The stat as bytes, if a later change of the file is sure to change it, or else UNSURE.

    A file that changed in the same instant as it was read would keep its stat (git calls it racy), and one
    from the future says nothing about when it was written.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    racy = max(result.mtime_ns, result.ctime_ns) > now_ns - _RACY_NS
    return UNSURE if racy else packed(result)


def packed(result: Stat) -> bytes:
    """A stat as bytes."""
    return _NOTE.pack(*(each & (1 << 64) - 1 for each in result))


def _read(place: Path) -> tuple[bytes, bytes]:
    """The bytes of a regular file, and its note: UNSURE where it changed meanwhile."""
    # Neither a link nor a pipe that has taken the file's place is waited for or followed.
    handle = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle)
        data = file.read()
        after = os.fstat(handle)
    same = Stat.of(before) == Stat.of(after) and len(data) == after.st_size
    return data, note_of(Stat.of(after)) if same else UNSURE
