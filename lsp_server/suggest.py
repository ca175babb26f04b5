"""From a request to a suggestion or a reason for silence, within the time that the settings allow.

The loop thread decides all that needs no model; the rest is one job in the keystroke lane. However it ends,
the outcome goes on record, and a suggestion is about the document as it is *now*, not as it was when it was
asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from completion.reasons import Reason, Silence
from engine.cancel import CancelToken
from engine.lanes import Closed, Lane, Superseded
from lsp_server.calls import current
from lsp_server.documents import Place, Snapshot
from lsp_server.protocol import place_of
from lsp_server.turns import Turn
from text.document import Document
from text.edits import Edit, rebase

if TYPE_CHECKING:
    from completion.inline import InlineRequest, Suggestion
    from lsp_server.server import Server

log = logging.getLogger("tacit.suggest")

Item = TypeVar("Item")

MARGIN_MS = 15
"""Kept back from the budget for checking, converting and sending."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion for the current document, and where the request's cursor now stands in it."""

    document: Document
    edit: Edit
    cursor: int
    suggestion: Suggestion


async def suggest(
    server: Server,
    uri: str,
    place: Place,
    *,
    automatic: bool,
    present: Callable[[Shown], Item | Silence],
) -> Item | None:
    """Answer the current call by what `present` makes of the suggestion; None for silence."""
    stages: dict[str, float] = {}
    shown: Shown | None = None
    outcome: Item | Silence = Silence(Reason.CANCELLED)
    try:
        answer = await _answer(server, uri, place, automatic, stages)
        if isinstance(answer, Silence):
            outcome = answer
        else:
            shown, outcome = answer, present(answer)
    except Exception as error:
        outcome = _failed(error)
    finally:
        silence = outcome if isinstance(outcome, Silence) else None
        server.record(uri, silence, shown.suggestion if shown else None, stages)
    return None if isinstance(outcome, Silence) else outcome


async def _answer(
    server: Server, uri: str, place: Place, automatic: bool, stages: dict[str, float]
) -> Shown | Silence:
    call = current()
    snapshot = server.documents.get(uri)
    if snapshot is None:
        return Silence(Reason.DESYNCHRONISED if server.documents.is_lost(uri) else Reason.UNKNOWN_DOCUMENT)
    if not server.config.enabled:
        return Silence(Reason.DISABLED)
    if server.documents.language_id(uri) in server.config.languages_off:
        return Silence(Reason.LANGUAGE_OFF, server.documents.language_id(uri))
    offset = server.documents.offset(snapshot.document, place)
    server.documents.note_cursor(uri, offset)
    turn = server.turns.begin(uri)
    ready = server.host.ready
    if ready is None:
        return server.host.silence()

    def request() -> InlineRequest:
        left = server.config.budget_ms - MARGIN_MS - call.elapsed_ms
        return ready.request(snapshot.document, offset, server.shown_path(uri), automatic, left)

    typed = ready.completer.try_typed_through(request())
    if typed is not None:
        return Shown(snapshot.document, typed.edit, offset, typed)
    if automatic and server.config.debounce_ms:
        await asyncio.wait({turn.over}, timeout=server.config.debounce_ms / 1000)
        if turn.over.done():
            return Silence(turn.over.result())

    def work(cancel: CancelToken) -> Suggestion | Silence:
        stages["wait"] = call.elapsed_ms
        return ready.completer.complete(request(), ready.model, cancel)

    job = server.lanes.submit(Lane.KEYSTROKE, uri, work)
    outcome = await _outcome(job, turn, server.config.budget_ms - call.elapsed_ms)
    return outcome if isinstance(outcome, Silence) else _settle(server, uri, snapshot, offset, outcome)


async def _outcome(job: Future[Suggestion | Silence], turn: Turn, timeout_ms: float) -> Suggestion | Silence:
    """What the job returns, or why it was not waited for.

    A late job goes on, for the good of the next request.
    """
    done = asyncio.wrap_future(job)
    done.add_done_callback(_look_at)
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
        return _failed(error)
    if turn.over.done():
        job.cancel()
        return Silence(turn.over.result())
    return Silence(Reason.DEADLINE)


def _settle(
    server: Server, uri: str, snapshot: Snapshot, cursor: int, suggestion: Suggestion
) -> Shown | Silence:
    """The suggestion as it stands in the current document; silence where it stands there no longer.

    Invariant: no edit is shown for another text than the one that it was computed for, unless it was rebased.
    """
    now = server.documents.get(uri)
    since = server.documents.edits_since(uri, snapshot.serial)
    if now is None or since is None:
        return Silence(Reason.STALE)
    edit = after_typing(suggestion.edit, since)
    if edit is None:
        return Silence(Reason.STALE)
    return Shown(now.document, edit, cursor + edit.start - suggestion.edit.start, suggestion)


def after_typing(edit: Edit, since: tuple[Edit, ...]) -> Edit | None:
    """`edit` in the document after `since`.

    Less what the user has typed of it, or moved by changes elsewhere; None where something else was done at
    its place, or nothing is left of it.
    """
    here = [other for other in since if other.start <= edit.end and edit.start <= other.end]
    if not here:
        return rebase(edit, since)
    at, typed = here[0], len(here[0].new)
    along = (at.start, at.end) == (edit.start, edit.start) and edit.new.startswith(at.new)
    if len(here) > 1 or not along or typed == len(edit.new):
        return None
    rest = rebase(Edit(edit.start, edit.end, edit.new[typed:]), [other for other in since if other is not at])
    return rest and Edit(rest.start + typed, rest.end + typed, rest.new)


def _failed(error: BaseException) -> Silence:
    where = f"{type(error).__name__} at {place_of(error)}"
    log.error("%s failed: %s", current().label, where)
    log.debug("", exc_info=error)
    return Silence(Reason.FAILED, where)


def _look_at(done: asyncio.Future[Suggestion | Silence]) -> None:
    """Take note of an exception that came after the answer, so that asyncio does not print it."""
    if not done.cancelled():
        done.exception()
