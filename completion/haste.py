"""Stopping at a line's end when there is no time for another line: the deadline would cut it off anyway."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_SHORT_LINE: Final = 8  # tokens


class Hasty:
    """Adds to a stop condition: stop where a line ends and the next cannot be written in time."""

    def __init__(self, stop: Callable[[str], bool], deadline: float) -> None:
        """`deadline` is in `time.monotonic` seconds."""
        self._stop = stop
        self._deadline = deadline
        self._tokens = 0
        self._began = 0.0

    def __call__(self, text: str) -> bool:
        """Return whether `text`, which has grown by a token, is enough."""
        now = time.monotonic()
        self._began = self._began or now
        self._tokens += 1
        if self._stop(text):
            return True
        head, newline, tail = text.rpartition("\n")
        if not newline or tail.strip() or not head.strip():
            return False
        per_token = (now - self._began) / self._tokens
        return now + _SHORT_LINE * per_token > self._deadline
