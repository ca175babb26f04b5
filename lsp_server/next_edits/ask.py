"""From a request to the one edit that is offered, or to the reason for silence; within the time budget."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from completion.reasons import Reason, Silence
from completion.typed_through import after_typing
from lsp_server.calls import current
from lsp_server.documents import Place, Snapshot
from lsp_server.logs import place_of
from lsp_server.next_edits.offers import CLOSED, Offer
from lsp_server.next_edits.precedence import hidden_by_ghost_text
from lsp_server.next_edits.session import LONG_REST_MS
from lsp_server.record import record
from lsp_server.suggest import READY
from lsp_server.turns import Turn, result_of
from text.document import Document
from text.edits import Edit

if TYPE_CHECKING:
    from lsp_server.next_edits.seeking import Found, State, Taste
    from lsp_server.server import Server

log = logging.getLogger("tacit.next_edits")

MARGIN_MS = 10
"""Kept back from the budget for checking and sending."""

RESERVED_MS = 40
"""Kept back from the model, which may miss its deadline by one pass, for what is done with its word."""

REST_MS = 180
"""How long no key must have been pressed: what is half typed says mostly wrong things of other places."""

GUESS = 0.2
"""An edit that is less probable is worth a look into files that are not open."""

TURN = "next-edit "
"""Before a URI: requests for next edits end each other, but not those for ghost text."""


@dataclass(frozen=True, slots=True)
class Question:
    """Where the user is.

    `wanted`: it was the user who asked; `across`: other files may be named, and with `closed` also such as
    are not open; `jumps`: the answer may be a place without a text, as an offer that changes nothing and is
    not on offer to anybody else.
    """

    uri: str
    place: Place
    version: int | None = None
    wanted: bool = False
    across: bool = False
    closed: bool = False
    jumps: bool = False


async def ask(server: Server, question: Question) -> Offer | None:
    """Answer the current call; None for silence. Either way it goes on record."""
    stages: dict[str, float] = {}
    outcome: Offer | Silence = Silence(Reason.CANCELLED)
    try:
        outcome = await _answer(server, question, stages)
    except Exception as error:
        where = f"{type(error).__name__} at {place_of(error)}"
        log.error("%s failed: %s", current().label, where)
        log.debug("", exc_info=error)
        outcome = Silence(Reason.FAILED, where)
    finally:
        silence = outcome if isinstance(outcome, Silence) else None
        source = "" if isinstance(outcome, Silence) else f"next-edit, {outcome.kind}"
        record(server, question.uri, silence, None, stages, source=source, kind="next-edit")
    return None if isinstance(outcome, Silence) else outcome


async def _answer(server: Server, question: Question, stages: dict[str, float]) -> Offer | Silence:
    uri, edits = question.uri, server.next_edits
    snapshot = server.documents.get(uri)
    if snapshot is None:
        lost = server.documents.is_lost(uri)
        return Silence(Reason.DESYNCHRONISED if lost else Reason.UNKNOWN_DOCUMENT)
    if question.version is not None and question.version != snapshot.document.version:
        return Silence(Reason.STALE, "of another version")
    if unwanted := server.unwanted(uri):
        return unwanted
    if not server.config.next_edits:
        return Silence(Reason.NEXT_EDITS_OFF)
    cursor = server.documents.offset(snapshot.document, question.place)
    server.documents.note_cursor(uri, cursor)
    edits.latest = uri
    if edits.again is not None and (once_more := _once_more(server, edits.again)):
        return once_more
    if not question.wanted and (quiet := edits.quiet.reason(server.config.cooldown_ms)):
        _remind(server, snapshot)
        return quiet
    if (live := _still_live(server, question)) is not None:
        return live
    turn = server.turns.begin(TURN + uri)
    if question.wanted:
        return await _everywhere(server, question, snapshot, turn, stages)
    for rest_ms in (REST_MS, LONG_REST_MS):
        if restless := await _rest(server, snapshot, turn, rest_ms, stages):
            return restless
        outcome = await _everywhere(server, question, snapshot, turn, stages)
        rested = server.next_edits.rested_ms >= LONG_REST_MS
        if rested or not isinstance(outcome, Silence) or outcome.reason is not Reason.UNLIKELY:
            break
    return outcome


async def _everywhere(
    server: Server, question: Question, snapshot: Snapshot, turn: Turn, stages: dict[str, float]
) -> Offer | Silence:
    """What is found in the documents that are open; where nothing is, in files that are not."""
    outcome = await _searched(server, question, snapshot, turn, stages)
    if question.across and question.closed and _is_little(outcome):
        began = current().elapsed_ms
        closed = await server.next_edits.closed_files.using(server.next_edits.renamed)
        stages["closed files"] = stages.get("closed files", 0.0) + current().elapsed_ms - began
        if closed and not turn.over.done():
            outcome = await _searched(server, question, snapshot, turn, stages, closed)
    server.warmer.warm_latest()
    return outcome


def _is_little(outcome: Offer | Silence) -> bool:
    """Whether nothing was found, or for somebody who asked a mere guess."""
    if isinstance(outcome, Silence):
        return outcome.reason in (Reason.UNLIKELY, Reason.NO_NEXT_EDIT)
    return outcome.probability < GUESS


async def _searched(
    server: Server,
    question: Question,
    snapshot: Snapshot,
    turn: Turn,
    stages: dict[str, float],
    closed: Mapping[str, Document] | None = None,
) -> Offer | Silence:
    """What is found within the time budget, on offer; rests do not count."""
    uri, edits = question.uri, server.next_edits
    began, budget_ms = current().elapsed_ms, server.config.budget_ms + stages.get("rest", 0.0)
    taste = edits.taste(wanted=question.wanted, jumps=question.jumps)
    cursor = server.documents.offset(snapshot.document, question.place)
    state = edits.state(uri, snapshot.document, cursor, across=question.across, closed=closed or {})
    job = None if question.wanted or closed else edits.queued(uri, snapshot.document, across=question.across)
    before = edits.serials()
    if job is None:
        edits.forget_queue()
        server.warmer.give_way()
        job = edits.search(state, taste, "next-edit", budget_ms - RESERVED_MS - began)
    late = server.client.asks_again and not question.wanted
    found = await result_of(job, turn, budget_ms - MARGIN_MS - current().elapsed_ms, late_goes_on=late)
    stages["search"] = stages.get("search", 0.0) + current().elapsed_ms - began
    if isinstance(found, Silence):
        outcome: Offer | Silence = found
        if late and found.reason is Reason.DEADLINE:
            _announce(server, question, snapshot, job)
    elif _others_changed(server, before, edits.uri(found.path)):
        outcome = Silence(Reason.STALE, "another document has changed")
    else:
        outcome = _offered(server, question, snapshot, state, taste, found)
    return outcome


def _announce(server: Server, question: Question, snapshot: Snapshot, job: Future[Found | Silence]) -> None:
    """Keep a search that missed its time, and have the editor ask again once something is found."""
    server.next_edits.keep(job, question.uri, snapshot.document, across=question.across)

    def announce(late: asyncio.Future[Found | Silence]) -> None:
        failed = late.cancelled() or late.exception() is not None
        if not failed and not isinstance(late.result(), Silence):
            server.protocol.notify(READY, {"uri": question.uri})

    asyncio.wrap_future(job).add_done_callback(announce)


def _remind(server: Server, snapshot: Snapshot) -> None:
    """Have the editor ask again once a rejection is over, if the user has gone on since and then rests."""
    edits, uri = server.next_edits, snapshot.document.uri
    left_s = edits.quiet.over_in_s(server.config.cooldown_ms)

    def announce() -> None:
        now = server.documents.get(uri)
        ghost = edits.ghost and edits.ghost[:2] == (uri, snapshot.serial)
        if now is not None and now.serial == snapshot.serial and not ghost:
            server.protocol.notify(READY, {"uri": uri})

    if edits.reminder is not None:
        edits.reminder.cancel()
    if server.client.asks_again and left_s > 0:
        edits.reminder = asyncio.get_running_loop().call_later(left_s, announce)


async def _rest(
    server: Server, snapshot: Snapshot, turn: Turn, rest_ms: float, stages: dict[str, float]
) -> Silence | None:
    """Wait until typing has rested so long; why there is nothing to look for, if it goes on."""
    began, left = current().elapsed_ms, rest_ms - server.next_edits.rested_ms
    if left > 0:
        await asyncio.wait({turn.over}, timeout=(left + 1) / 1000)
    stages["rest"] = stages.get("rest", 0.0) + current().elapsed_ms - began
    if turn.over.done():
        return Silence(turn.over.result())
    now = server.documents.get(snapshot.document.uri)
    return None if now is not None and now.serial == snapshot.serial else Silence(Reason.STALE)


def _once_more(server: Server, offer: Offer) -> Offer | None:
    """What was offered last, where it still fits."""
    edits = server.next_edits
    edits.again = None
    edit, now = edits.offers.current(offer), server.documents.get(offer.uri)
    return None if edit is None or now is None else _moved(server, offer, now, edit)


def _still_live(server: Server, question: Question) -> Offer | None:
    """The offer that stands, where it may be shown to who asks."""
    live, edit = server.next_edits.offers.live, server.next_edits.offers.standing
    if live is None or edit is None or (live.uri != question.uri and not question.across):
        return None
    now = server.documents.get(live.uri)
    if now is None:
        return live if question.closed and server.next_edits.closed_files.has(live.uri) else None
    return _moved(server, live, now, edit)


def _moved(server: Server, offer: Offer, now: Snapshot, edit: Edit) -> Offer:
    if now.serial == offer.serial:
        offer.outcome = ""
        return server.next_edits.offers.offer(offer)
    moved = Offer(now.document, now.serial, edit, offer.kind, offer.probability, offer.fingerprint)
    moved.partly = offer.partly
    return server.next_edits.offers.offer(moved)


def _offered(
    server: Server, question: Question, snapshot: Snapshot, state: State, taste: Taste, found: Found
) -> Offer | Silence:
    """Put what was found on offer, as it stands in its document now.

    Invariant: no edit is shown for another text than the one that it was computed for, unless it was rebased.
    """
    edits, documents = server.next_edits, server.documents
    uri = edits.uri(found.path)
    typed, now = documents.edits_since(question.uri, snapshot.serial), documents.get(uri)
    if typed == () and now is None and found.document.version == CLOSED:
        offer = Offer(found.document, CLOSED, found.edit, found.kind, found.probability, found.fingerprint)
        return edits.offers.offer(offer) if found.fingerprint else offer
    if now is None or typed is None:
        return Silence(Reason.STALE)
    if now.document is found.document or now.document.text == found.document.text:
        edit: Edit | None = found.edit
    elif uri == question.uri and _is_elsewhere(typed, state):
        edit = after_typing(found.edit, typed)
    else:
        edit = None
    if edit is None:
        return Silence(Reason.STALE)
    if not question.wanted and hidden_by_ghost_text(server, uri, edit):
        return Silence(Reason.GHOST_TEXT)
    offer = Offer(now.document, now.serial, edit, found.kind, found.probability, found.fingerprint)
    if not found.fingerprint:
        return offer
    offer = edits.offers.offer(offer)
    if not typed:
        ahead = replace(state, documents={**state.documents, found.path: now.document})
        edits.look_ahead(offer, ahead, taste, across=question.across)
    return offer


def _others_changed(server: Server, before: Mapping[str, int], but: str) -> bool:
    """Whether another document has changed since: the search may know of the change, but not of the text."""
    return any(before.get(uri, 0) != serial for uri, serial in server.next_edits.serials(but).items())


def _is_elsewhere(typed: tuple[Edit, ...], state: State) -> bool:
    """Whether the user has typed away from where they were: what was typed there says what follows, anew."""
    document = state.documents[state.path]
    line = document.position(state.cursor).line
    return all(document.position(edit.start).line != line for edit in typed)
