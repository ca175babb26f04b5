"""From a question to a suggestion or a reason for silence, within the time that the settings allow.

The loop thread decides all that needs no model; the rest is one job in the keystroke lane. However it ends,
the outcome goes on record, and a suggestion is about the document as it is *now*, not as it was when it was
asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from completion.reasons import Reason, Silence
from completion.typed_through import after_typing
from engine.cancel import CancelToken
from engine.errors import HostGone, RemoteFailed
from engine.lanes import Lane
from lsp_server.calls import current
from lsp_server.documents import Change, Place, Snapshot
from lsp_server.logs import place_of
from lsp_server.next_edits.precedence import next_edit_at
from lsp_server.record import record
from lsp_server.turns import Turn, result_of
from text.document import Document
from text.edits import Edit

if TYPE_CHECKING:
    from completion.inline import InlineRequest, Suggestion
    from lsp_server.server import Server

log = logging.getLogger("tacit.suggest")

Item = TypeVar("Item")

MARGIN_MS = 15
"""Kept back from the budget for checking, converting and sending."""

LATE_MS = 1_500
"""What the model has to finish in for somebody who has typed nothing since."""

READY = "tacit/suggestionReady"


@dataclass(frozen=True, slots=True)
class Question:
    """Where a suggestion is wanted; `entry` is the popup's entry that it has to continue."""

    uri: str
    place: Place
    automatic: bool
    entry: Change | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion for the current document, and where the request's cursor now stands in it."""

    document: Document
    edit: Edit
    cursor: int
    suggestion: Suggestion


async def suggest(
    server: Server, question: Question, present: Callable[[Shown], Item | Silence]
) -> Item | None:
    """Answer the current call by what `present` makes of the suggestion; None for silence."""
    stages: dict[str, float] = {}
    shown: Shown | None = None
    outcome: Item | Silence = Silence(Reason.CANCELLED)
    try:
        answer = await _answer(server, question, stages)
        if isinstance(answer, Silence):
            outcome = answer
        else:
            shown, outcome = answer, present(answer)
    except Exception as error:
        outcome = _failed(error)
    finally:
        silence = outcome if isinstance(outcome, Silence) else None
        # A copy: a job that goes on writes into `stages` from the model's thread.
        record(server, question.uri, silence, shown.suggestion if shown else None, dict(stages))
    return None if isinstance(outcome, Silence) else outcome


@dataclass(frozen=True, slots=True)
class _Site:
    """What the model is asked about: the document with the popup's entry in place, if one is selected."""

    snapshot: Snapshot
    cursor: int  # in the snapshot
    entry: Edit | None  # of the snapshot
    document: Document
    offset: int  # in `document`

    def edit(self, suggested: Edit) -> Edit:
        """An edit of `document` as one of the snapshot, with the entry."""
        if self.entry is None:
            return suggested
        end = self.entry.end + suggested.end - suggested.start
        return Edit(self.entry.start, end, self.entry.new + suggested.new)


async def _answer(server: Server, question: Question, stages: dict[str, float]) -> Shown | Silence:
    snapshot = server.documents.get(question.uri)
    if snapshot is None:
        lost = server.documents.is_lost(question.uri)
        return Silence(Reason.DESYNCHRONISED if lost else Reason.UNKNOWN_DOCUMENT)
    if unwanted := server.unwanted(question.uri):
        return unwanted
    turn = server.turns.begin(question.uri)
    site = _site(server, snapshot, question)
    if site is None:
        return Silence(Reason.POPUP)
    if question.entry is None and (first := next_edit_at(server, question.uri, site.cursor)):
        return _next_edit(snapshot, site, first)
    if question.automatic and server.next_edits.taken_back(snapshot.document, site.cursor):
        return Silence(Reason.UNDONE)
    ready = server.host.ready
    if ready is None:
        return server.host.silence()
    call, path = current(), server.shown_path(question.uri)

    def request() -> InlineRequest:
        left = server.config.budget_ms - MARGIN_MS - call.elapsed_ms
        return ready.request(site.document, site.offset, path, question.automatic, left)

    def work(cancel: CancelToken) -> Suggestion | Silence:
        stages["wait"] = call.elapsed_ms
        return ready.completer.complete(request(), ready.model, cancel)

    typed = ready.completer.try_typed_through(request())
    if typed is not None:
        return _settle(server, question, site, typed)
    if question.automatic:
        # Even a wait of nothing lets the messages in that have arrived already.
        await asyncio.wait({turn.over}, timeout=server.config.debounce_ms / 1000)
        if turn.over.done():
            return Silence(turn.over.result())
    job = server.lanes.submit(Lane.KEYSTROKE, question.uri, work)
    left_ms = server.config.budget_ms - call.elapsed_ms
    outcome = await result_of(job, turn, left_ms, late_goes_on=True)
    if not isinstance(outcome, Silence):
        return _settle(server, question, site, outcome)
    if server.client.asks_again and outcome.reason in (Reason.DEADLINE, Reason.COLD):
        late = ready.request(site.document, site.offset, path, question.automatic, LATE_MS)
        _finish(server, turn, late)
    return outcome


def _finish(server: Server, turn: Turn, request: InlineRequest) -> None:
    """Answer once more, with more time, and have the editor ask again, unless something happens meanwhile.

    Keystrokes take the model away from it. What was written in vain is the draft; what comes of it, the
    completer remembers, as if it had been typed along.
    """
    ready, uri = server.host.ready, request.document.uri
    if ready is None or turn.over.done():
        return

    def work(cancel: CancelToken) -> Suggestion | Silence:
        return ready.completer.complete(request, ready.model, cancel)

    def announce(late: asyncio.Future[Suggestion | Silence]) -> None:
        failed = late.cancelled() or late.exception() is not None
        if not failed and not turn.over.done() and not isinstance(late.result(), Silence):
            server.protocol.notify(READY, {"uri": uri})

    job = server.lanes.submit(Lane.NEXT_EDIT, ("late", uri), work)
    turn.over.add_done_callback(lambda _: job.cancel())
    asyncio.wrap_future(job).add_done_callback(announce)


def _site(server: Server, snapshot: Snapshot, question: Question) -> _Site | None:
    """What to ask the model about; None where the popup's entry cannot be put there."""
    documents, document = server.documents, snapshot.document
    cursor = documents.offset(document, question.place)
    documents.note_cursor(question.uri, cursor)
    if question.entry is None:
        return _Site(snapshot, cursor, None, document, cursor)
    entry = documents.edit(document, question.entry)
    if entry is None:
        return None
    with_entry = document.apply((entry,), document.version)
    return _Site(snapshot, cursor, entry, with_entry, entry.start + len(entry.new))


def _next_edit(snapshot: Snapshot, site: _Site, first: Edit | bool) -> Shown | Silence:
    """The next edit as ghost text; silence where it has another shape, so that nothing hides it."""
    from completion.request import Suggestion

    if isinstance(first, bool):
        return Silence(Reason.NEXT_EDIT)
    document = snapshot.document
    made = Suggestion(first, first.new, document.version, "stop", None, "next-edit", 1.0)
    return Shown(document, first, site.cursor, made)


def _settle(server: Server, question: Question, site: _Site, suggestion: Suggestion) -> Shown | Silence:
    """The suggestion as it stands in the current document; silence where it stands there no longer.

    Invariant: no edit is shown for another text than the one that it was computed for, unless it was rebased.
    """
    now = server.documents.get(question.uri)
    since = server.documents.edits_since(question.uri, site.snapshot.serial)
    if now is None or since is None:
        return Silence(Reason.STALE)
    before = site.edit(suggestion.edit)
    edit = after_typing(before, since)
    if edit is None:
        return Silence(Reason.STALE)
    return Shown(now.document, edit, site.cursor + edit.start - before.start, suggestion)


def _failed(error: BaseException) -> Silence:
    if isinstance(error, HostGone):
        return Silence(Reason.NO_MODEL, str(error))
    if isinstance(error, RemoteFailed):
        return Silence(Reason.REMOTE, str(error))
    where = f"{type(error).__name__} at {place_of(error)}"
    log.error("%s failed: %s", current().label, where)
    log.debug("", exc_info=error)
    return Silence(Reason.FAILED, where)
