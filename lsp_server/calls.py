"""The message that is being handled, as its handler sees it."""

from __future__ import annotations

import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

MessageId = str | int | float
"""JSON-RPC allows fractions too, and some clients write every number as one."""


@dataclass(slots=True)
class Call:
    """One request or notification. Each runs in a context of its own, so that `current()` finds it."""

    method: str
    id: MessageId | None = None  # None: a notification
    received: float = field(default_factory=time.monotonic)  # when its last byte was read
    note: str = ""  # what the log line should say about the outcome; never source text

    @property
    def label(self) -> str:
        """The message for a log line: method and id, or less where the client sent something odd."""
        method = self.method if _NAME.fullmatch(self.method) else "a method with an odd name"
        return method if self.id is None else f"{method} {ascii(self.id)[:40]}"

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the message was read."""
        return (time.monotonic() - self.received) * 1000


_NAME = re.compile(r"[\w$/.-]{1,80}", re.ASCII)
_current: ContextVar[Call] = ContextVar("call")


def current() -> Call:
    """Return the call that this code runs for. Raises LookupError outside of any."""
    return _current.get()


def enter(call: Call) -> None:
    """Make `call` the current one of this context."""
    _current.set(call)
