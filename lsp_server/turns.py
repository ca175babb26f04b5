"""At most one request per document is at work: whoever comes next ends the one before. Loop thread only.

Editors do not all cancel a request that typing has outrun, so it is done here.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from completion.reasons import Reason, Silence
from engine.lanes import Closed, Superseded

Result = TypeVar("Result")


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


async def result_of(
    job: Future[Result | Silence], turn: Turn, timeout_ms: float, *, late_goes_on: bool = False
) -> Result | Silence:
    """What a job returns, or why it was not waited for. Raises what the job raises.

    `late_goes_on`: a job that misses its time is not given up, for the good of the next request.
    """
    done = asyncio.wrap_future(job)
    # An exception that comes after the answer is taken note of, so that asyncio does not print it.
    done.add_done_callback(lambda future: future.cancelled() or future.exception())
    either: set[asyncio.Future[Any]] = {done, turn.over}
    try:
        await asyncio.wait(either, timeout=max(timeout_ms, 0) / 1000, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        job.cancel()
        raise
    if done.done() and not done.cancelled():
        error = done.exception()
        if error is None:
            return done.result()
        if isinstance(error, Superseded | Closed):
            return Silence(Reason.SUPERSEDED)
        raise error
    if turn.over.done():
        job.cancel()
        return Silence(turn.over.result())
    if done.cancelled():
        return Silence(Reason.SUPERSEDED)
    if not late_goes_on:
        job.cancel()
    return Silence(Reason.DEADLINE)
