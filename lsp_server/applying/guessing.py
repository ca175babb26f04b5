"""A model's guess of what a refused sketch means, for previews: in a lane, and not for long."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING

from engine.cancel import Cancelled, CancelToken
from engine.errors import ModelError
from engine.lanes import Closed, Lane, Lanes, Superseded

if TYPE_CHECKING:
    from apply.apply import FileState, Guess
    from apply.rows import Sketch
    from engine.model import Model
    from lsp_server.server import Server

log = logging.getLogger("tacit.apply")

LONGEST_S = 10.0
"""How long a preview waits for the model; then it shows what structure alone makes of the sketch."""

STEP_S = 0.05
"""How soon a wait notices that nobody wants the answer any more."""


def asker(server: Server) -> Callable[[CancelToken], Guess] | None:
    """What makes a `Guess` for a thread that may wait; None without a model here. Loop thread only."""
    ready = server.host.ready
    if ready is None or ready.where:
        return None
    model, lanes = ready.model, server.lanes
    return lambda cancel: lambda *question: _ask(model, lanes, cancel, question)


def _ask(
    model: Model, lanes: Lanes, cancel: CancelToken, question: tuple[FileState, Sketch, str]
) -> str | None:
    """The model's guess, unless it takes too long or nobody waits for it any more."""
    from apply.rewrite_guess import ModelGuess

    asked = lanes.submit(Lane.APPLY, "guess", lambda token: ModelGuess(model, cancel=token)(*question))
    until = time.monotonic() + LONGEST_S
    try:
        while time.monotonic() < until and not cancel.cancelled:
            with contextlib.suppress(NotYet):
                return asked.result(STEP_S)
    except (Cancelled, CancelledError, Superseded, Closed, ModelError) as error:
        log.debug("no guess: %s", type(error).__name__)
    finally:
        asked.cancel()
    return None
