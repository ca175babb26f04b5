"""When no next edit is shown, whatever follows: after a rejection, while asleep, while many places change."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from completion.reasons import Reason, Silence
from text.document import Document
from text.edits import Edit

BURST_S = 0.15
"""Changes at distant places within this time are not one person's typing: several cursors, or a rename."""

REACH = 2
"""Lines between two changes that are still one place."""


class Quiet:
    """Loop thread only; times are the monotonic clock's, in seconds."""

    def __init__(self) -> None:
        self._rejected_at = -1e9
        self._changed_at = -1e9
        self._asleep_until = -1e9
        self._places: deque[tuple[float, str, int]] = deque(maxlen=64)
        self._several = False

    def rejected(self) -> None:
        """The user did not want what was shown."""
        self._rejected_at = time.monotonic()

    def accepted(self) -> None:
        """The user wanted it: a rejection before is forgiven."""
        self._rejected_at = -1e9

    def snooze(self, minutes: float) -> None:
        """Sleep for so long; 0 wakes up."""
        self._asleep_until = time.monotonic() + 60 * minutes

    @property
    def asleep_s(self) -> float:
        """Seconds left of the sleep; 0 when awake."""
        return max(self._asleep_until - time.monotonic(), 0)

    def changed(self, document: Document, edits: Sequence[Edit]) -> None:
        """A document was changed by one message; `edits` are its changes, counted in the text before it."""
        self._changed_at = now = time.monotonic()
        while self._places and now - self._places[0][0] > BURST_S:
            self._places.popleft()
        for edit in edits:
            self._places.append((now, document.uri, document.position(edit.start).line))
        places = _places(sorted((uri, line) for _, uri, line in self._places))
        # One message may tell of two places, as when a name is completed and imported; three within a moment
        # are more than two hands can reach.
        self._several = len(edits) > 1 and _places([("", document.position(e.start).line) for e in edits]) > 1
        self._several = self._several or places > 2

    def reason(self, cooldown_ms: int) -> Silence | None:
        """Why nothing is to be shown now."""
        if (left := self._left_s(cooldown_ms)) > 0:
            return Silence(Reason.COOLDOWN, f"for another {left:.1f} s")
        return Silence(Reason.SEVERAL_PLACES) if self._several else None

    def over_in_s(self, cooldown_ms: int) -> float:
        """Seconds until a rejection is over for a user who has gone on since; else 0."""
        return max(self._left_s(cooldown_ms), 0) if self._changed_at > self._rejected_at else 0

    def _left_s(self, cooldown_ms: int) -> float:
        return self._rejected_at + cooldown_ms / 1000 - time.monotonic()


def _places(changed: Sequence[tuple[str, int]]) -> int:
    """How many places these lines, in order, are at."""
    return sum(
        at == 0 or line[0] != changed[at - 1][0] or line[1] - changed[at - 1][1] > REACH
        for at, line in enumerate(changed)
    )
