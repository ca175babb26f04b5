"""The commands around next edits, which also serve editors that have no way of their own to show one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from completion.reasons import Reason
from lsp_server import convert
from lsp_server.documents import Place
from lsp_server.envelope import Code
from lsp_server.next_edits.ask import Question, ask
from lsp_server.next_edits.offers import Offer
from lsp_server.next_edits.wire import ACCEPT, Answer, Position, diagnostics, inline_edit
from lsp_server.protocol import Refusal, argument
from lsp_server.requests import why

if TYPE_CHECKING:
    from lsp_server.server import Server

SNOOZE_MINUTES = 15.0
KIND = types.CodeActionKind.RefactorRewrite


class Where(msgspec.Struct, frozen=True):
    """The argument of `tacit.nextEdit` and `tacit.jumpNext`; else where the user was seen last."""

    uri: str | None = None
    position: Position | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What was done: the cursor was moved, or the edit was made, or there was none."""

    done: str  # "jumped" | "applied" | "nothing"
    edits: list[Any] = []


async def next_edit(server: Server, arguments: Sequence[Any]) -> Outcome:
    """Jump to the next edit; make it where the cursor is there already, or the editor cannot jump."""
    where = argument(arguments, Where)
    offer = await _found(server, where)
    if offer is None:
        return Outcome("nothing")
    there = server.next_edits.jumped_to == offer.id or _is_there(server, where, offer)
    if not there and await _jump(server, offer):
        return Outcome("jumped", _wire(server, offer))
    if offer.is_jump:
        return Outcome("nothing")
    return await _apply(server, offer)


async def jump_next(server: Server, arguments: Sequence[Any]) -> Outcome:
    """Only jump."""
    offer = await _found(server, argument(arguments, Where))
    if offer is None:
        return Outcome("nothing")
    done = "jumped" if await _jump(server, offer) else "nothing"
    return Outcome(done, _wire(server, offer))


async def accept(server: Server, arguments: Sequence[Any]) -> Outcome | None:
    """With an id: the client has made the edit. Without one: make the edit that is on offer."""
    offers = server.next_edits.offers
    if arguments:
        if not isinstance(arguments[0], str):
            raise Refusal(Code.INVALID_PARAMS, "the argument is the id of an edit")
        offers.accepted(arguments[0])
        return None
    return await _apply(server, offers.live) if offers.live else Outcome("nothing")


def reject(server: Server, arguments: Sequence[Any]) -> None:
    """The user does not want an edit: the one with the id that is given, or the one on offer."""
    offers = server.next_edits.offers
    id = arguments[0] if arguments else offers.live and offers.live.id
    if isinstance(id, str):
        offers.rejected(id)


def show_last(server: Server, _: Sequence[Any]) -> Answer:
    """Offer the last edit again, in the answer and at the next request, if it still fits."""
    offers = server.next_edits.offers
    last = offers.last
    edit = offers.current(last) if last else None
    snapshot = server.documents.get(last.uri) if last else None
    if last is None or edit is None or snapshot is None:
        server.show(types.MessageType.Info, "Tacit: there is no last edit, or it no longer fits.")
        return Answer()
    server.next_edits.again = last
    return Answer([inline_edit(snapshot.document, edit, last.id, server.documents.encoding)])


def snooze(server: Server, arguments: Sequence[Any]) -> None:
    """No suggestions for so many minutes; 0 ends it."""
    minutes = arguments[0] if arguments else SNOOZE_MINUTES
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or not 0 <= minutes <= 60 * 24:
        raise Refusal(Code.INVALID_PARAMS, "the argument is a number of minutes, up to a day")
    server.next_edits.quiet.snooze(minutes)
    told = f"sleeps for {minutes:g} minutes" if minutes else "is awake"
    server.show(types.MessageType.Info, f"Tacit {told}.")


def reset_learning(server: Server, _: Sequence[Any]) -> None:
    """Forget what was learnt from the user; the record stays."""
    server.next_edits.feedback.reset()


async def actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The next edit as a code action, for editors that show none: searched for only where the user asks."""
    uri, start = params.text_document.uri, params.range.start
    if not server.client.code_actions or not server.config.next_edits:
        return []
    server.next_edits.problems.tell(uri, None, diagnostics(params.context.diagnostics), whole=False)
    offer = server.next_edits.offers.live
    if params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic:
        offer = await ask(server, Question(uri, convert.place(start), across=True))
    if offer is None or server.documents.get(offer.uri) is None:
        return []
    command = types.Command("Accept the next edit", ACCEPT, arguments=[offer.id])
    edit = _workspace_edit(server, offer)
    return [types.CodeAction(_title(server, uri, offer), KIND, edit=edit, command=command)] if edit else []


def _title(server: Server, uri: str, offer: Offer) -> str:
    line = offer.document.position(offer.edit.start).line + 1
    file = "" if offer.uri == uri else f" of {server.next_edits.path(offer.uri)}"
    return f"Next edit: line {line}{file}"


async def _found(server: Server, where: Where) -> Offer | None:
    """The edit on offer, or the one that is found now; else the user is told why there is none."""
    edits = server.next_edits
    if edits.offers.live is not None and edits.offers.standing is not None:
        return edits.offers.live
    uri = where.uri or edits.latest
    place, opens = _place(server, uri, where), server.client.shows_documents
    offer = await ask(server, Question(uri, place, wanted=True, across=True, closed=opens, jumps=True))
    if offer is None:
        server.show(types.MessageType.Info, why.sentence(server))
    return offer


def _place(server: Server, uri: str, where: Where) -> Place:
    if where.position is not None:
        return Place(where.position.line, where.position.character)
    snapshot = server.documents.get(uri)
    if snapshot is None:
        return Place(0, 0)
    at = server.documents.cursor(uri)
    start = convert.range_of(snapshot.document, at, at, server.documents.encoding).start
    return convert.place(start)


def _is_there(server: Server, where: Where, offer: Offer) -> bool:
    uri = where.uri or server.next_edits.latest
    snapshot = server.documents.get(offer.uri)
    if uri != offer.uri or snapshot is None:
        return False
    document = snapshot.document
    line = _place(server, uri, where).line
    return document.position(offer.edit.start).line <= line <= document.position(offer.edit.end).line


async def _jump(server: Server, offer: Offer) -> bool:
    """Have the editor put its cursor at the edit; whether it did."""
    edit, snapshot = server.next_edits.offers.current(offer), server.documents.get(offer.uri)
    if not server.client.shows_documents or edit is None or (snapshot is None and not offer.is_closed):
        return False
    document = snapshot.document if snapshot else offer.document
    place = convert.range_of(document, edit.start, edit.start, server.documents.encoding)
    params = types.ShowDocumentParams(uri=offer.uri, take_focus=True, selection=place)
    try:
        answer: Any = await server.window_show_document_async(params)
    except JsonRpcException:
        return False
    if not isinstance(answer, dict) or answer.get("success") is not True:
        return False
    server.next_edits.jumped_to = offer.id
    server.next_edits.latest = offer.uri
    server.documents.note_cursor(offer.uri, edit.start)
    return True


async def _apply(server: Server, offer: Offer) -> Outcome:
    """Have the editor make the edit."""
    if not server.client.applies_edits:
        raise Refusal(Code.REQUEST_FAILED, "This editor makes no edits that a server asks for.")
    edit = _workspace_edit(server, offer)
    if edit is None:
        server.show(types.MessageType.Info, f"Tacit: {Reason.STALE.sentence}")
        return Outcome("nothing")
    try:
        params = types.ApplyWorkspaceEditParams(edit, "Next edit")
        answer: Any = await server.workspace_apply_edit_async(params)
    except JsonRpcException:
        raise Refusal(Code.REQUEST_FAILED, "The editor refused the edit.") from None
    if not isinstance(answer, dict) or answer.get("applied") is not True:
        raise Refusal(Code.REQUEST_FAILED, "The editor did not make the edit.")
    server.next_edits.offers.accepted(offer.id)
    return Outcome("applied")


def _workspace_edit(server: Server, offer: Offer) -> types.WorkspaceEdit | None:
    """The offer in its document as it is now, versioned where the client has that."""
    edit, snapshot = server.next_edits.offers.current(offer), server.documents.get(offer.uri)
    if edit is None or snapshot is None:
        return None
    document = snapshot.document
    where = convert.range_of(document, edit.start, edit.end, server.documents.encoding)
    change = types.TextEdit(where, edit.new)
    if not server.client.document_changes:
        return types.WorkspaceEdit(changes={offer.uri: [change]})
    versioned = types.OptionalVersionedTextDocumentIdentifier(offer.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(versioned, [change])])


def _wire(server: Server, offer: Offer) -> list[Any]:
    if offer.is_jump:
        return []
    return [inline_edit(offer.document, offer.edit, offer.id, server.documents.encoding)]
