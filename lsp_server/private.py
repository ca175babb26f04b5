"""Files that the model is never shown: those that may hold passwords or keys, and those that the user names.

It runs on this machine, but what it has read it may write, into another file that is then shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from text.secrets import is_secret_path


def is_private(path: str, more: Sequence[str] = ()) -> bool:
    """Whether the file at `path` (with `/`) may hold secrets, or matches one of the patterns in `more`.

    A pattern with a `/` is matched against the path's end, one without against the name.
    """
    parts = PurePosixPath(path.lower())
    return is_secret_path(path) or any(parts.match(pattern.lower()) for pattern in more)
