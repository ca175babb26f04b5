"""Cancellation: one token per job, handed down to whatever may take long.

Cancelled          the job was told to stop; `reason` says why, in a few words
"""

from __future__ import annotations

import threading
from typing import Final


class Cancelled(Exception):
    """Raised by `CancelToken.check` in the job that was told to stop."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or "cancelled")
        self.reason = reason


class CancelToken:
    """A flag that any thread may raise once and the working thread looks at between two steps."""

    __slots__ = ("_cancelled", "_lock", "reason")

    def __init__(self) -> None:
        self._cancelled = False
        self._lock = threading.Lock()
        self.reason = ""

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called. Reads one attribute: cheap enough for every decode step."""
        return self._cancelled

    def cancel(self, reason: str = "") -> None:
        """Tell the job to stop. Only the first call counts; its reason is kept."""
        with self._lock:
            if not self._cancelled:
                self.reason = reason
                self._cancelled = True

    def check(self) -> None:
        """Raise `Cancelled` if the job was told to stop."""
        if self._cancelled:
            raise Cancelled(self.reason)


class _Never(CancelToken):
    """The token of work that nobody can cancel; shared, so it must stay unraised."""

    __slots__ = ()

    def cancel(self, reason: str = "") -> None:
        raise RuntimeError("NEVER is shared by all callers and cannot be cancelled: make a CancelToken")


NEVER: Final[CancelToken] = _Never()
