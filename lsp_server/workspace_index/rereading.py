"""The answers of a search read over by the model: below keystrokes, and within the time that was given."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from engine.cancel import Cancelled, CancelToken
from engine.errors import ModelError
from engine.lanes import Closed, Lane, Superseded
from lsp_server.workspace_index.messages import Found
from retrieval.rerank import Read, reranked

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.index")

BEGUN = 0.8
"""The share of the time in which an answer may be begun, so that the one under way is done in time too."""


async def reread(server: Server, query: str, found: list[Found], budget_ms: int) -> list[Found]:
    """In the model's order as far as it came, or as they were: where it is not here, busy or too slow."""
    ready = server.host.ready
    if ready is None or ready.where or not found:
        return found
    seconds = budget_ms / 1000
    until = time.monotonic() + BEGUN * seconds

    def work(cancel: CancelToken) -> list[Found]:
        return reranked(query, found, _read, ready.model, until=until, cancel=cancel)

    job = server.lanes.submit(Lane.APPLY, "search", work)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(job), seconds)
    except (TimeoutError, Cancelled, Superseded, Closed, ModelError) as error:
        log.debug("not read over: %s", type(error).__name__)
        return found
    finally:
        job.cancel()


def _read(found: Found) -> Read:
    return Read(found.inside, found.context, found.excerpt)
