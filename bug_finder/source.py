"""A file as text that may be examined, or the reason why not; whatever it holds, and whoever writes to it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from bug_finder.reasons import Reason
from text.content import decoded, is_vendored, unwanted
from text.languages import language_of

MOST_BYTES = 1 << 19
"""Beyond this nobody wrote it by hand, and a grammar that loses its way takes seconds: it is not opened."""

_UNWANTED = {
    "empty": Reason.EMPTY,
    "binary": Reason.BINARY,
    "generated": Reason.GENERATED,
    "minified": Reason.MINIFIED,
    "data": Reason.MINIFIED,
}

Stamp = tuple[int, int, int, int]
"""Size, times and inode of a file: another stamp, perhaps another content."""


class Source(NamedTuple):
    """A file's text and language at one moment; `reason` where there is none."""

    text: str = ""
    language: str = ""
    stamp: Stamp = (0, 0, 0, 0)
    reason: Reason | None = None


def read(place: Path, path: str) -> Source:
    """Read the file at `place`; `path` is how it is called in its project, with `/`."""
    language = language_of(path=path)
    if not language:
        return Source(reason=Reason.LANGUAGE)
    if is_vendored(path):
        return Source(reason=Reason.VENDORED)
    try:
        # A pipe that has taken the file's place is not waited for.
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return Source(reason=Reason.MISSING)
    except OSError:
        return Source(reason=Reason.UNREADABLE)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            os.close(handle)
            return Source(reason=Reason.NO_FILE)
        with os.fdopen(handle, "rb") as file:
            if before.st_size > MOST_BYTES:
                return Source(reason=Reason.TOO_LARGE)
            data = file.read(MOST_BYTES + 1)
            after = os.fstat(handle)
    except OSError:
        return Source(reason=Reason.UNREADABLE)
    if _stamp(before) != _stamp(after) or len(data) != after.st_size:
        return Source(reason=Reason.CHANGED)
    if reason := unwanted(path, data):
        return Source(reason=_UNWANTED[reason])
    return Source(decoded(data), language, _stamp(after))


def judge(text: str, path: str, language: str) -> Reason | None:
    """Why an open document is not examined; None where it is."""
    if not language:
        return Reason.LANGUAGE
    if len(text) > MOST_BYTES:
        return Reason.TOO_LARGE
    if is_vendored(path):
        return Reason.VENDORED
    found = unwanted(path, text.encode("utf-8", "surrogatepass"))
    return _UNWANTED[found] if found else None


def has_changed(place: Path, stamp: Stamp) -> bool:
    """Whether the file may hold something else by now."""
    try:
        return _stamp(os.stat(place)) != stamp
    except OSError:
        return True


def _stamp(result: os.stat_result) -> Stamp:
    return result.st_size, result.st_mtime_ns, result.st_ctime_ns, result.st_ino
