"""At most one request per document is at work: whoever comes next ends the one before. Loop thread only.

Editors do not all cancel a request that typing has outrun, so it is done here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from completion.reasons import Reason


def _pending() -> asyncio.Future[Reason]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class Turn:
    """A request's claim to its document. `over` is set, with the reason, once another has taken it."""

    over: asyncio.Future[Reason] = field(default_factory=_pending)

    def end(self, reason: Reason) -> None:
        """Take the claim away. Only the first call counts."""
        if not self.over.done():
            self.over.set_result(reason)


class Turns:
    """Whose turn it is, by URI."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    def begin(self, uri: str) -> Turn:
        """Claim the document, ending the request that had it."""
        self.end(uri, Reason.SUPERSEDED)
        self._turns[uri] = turn = Turn()
        return turn

    def end(self, uri: str, reason: Reason) -> None:
        """End the request that has the document, if there is one."""
        if turn := self._turns.pop(uri, None):
            turn.end(reason)
