"""The commands `tacit.apply` and `tacit.previewApply`: a sketch as an edit, or as a difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.applying.params import ApplyParams, read_params
from lsp_server.applying.work import edit_for, planned, refusal
from lsp_server.calls import current
from lsp_server.envelope import Code
from lsp_server.protocol import Refusal
from lsp_server.record import noting_apply

if TYPE_CHECKING:
    from lsp_server.applying.plan import Plan
    from lsp_server.server import Server


class Changed(msgspec.Struct, frozen=True, rename="camel"):
    """What was done to one file: lines that came and went, how sure it was, and names that are new to it."""

    uri: str
    added: int
    removed: int
    confidence: float
    new_names: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True):
    """The answer to `tacit.apply`; whatever is not applied is an error instead."""

    files: list[Changed]
    applied: bool = True


class Preview(msgspec.Struct, frozen=True):
    """The answer to `tacit.previewApply`: the difference, its URI, and why it would be refused."""

    diff: str
    uri: str
    refused: list[str]


async def handle(server: Server, arguments: Sequence[Any]) -> Outcome:
    """Have the editor make all of the change, in one edit."""
    try:
        with noting_apply(server):
            outcome = await _apply(server, _params(arguments))
    except Refusal as error:
        tell(server, error)
        raise
    server.status.settle("apply", "accepted")
    return outcome


async def preview(server: Server, arguments: Sequence[Any]) -> Preview:
    """Show what would be done, also where it is refused: then it is the best guess, and says so."""
    try:
        with noting_apply(server):
            params = _params(arguments)
            plan = await planned(server, params, guessing=True)
            text = _text(plan)
            if not text:
                raise refusal(plan)
    except Refusal as error:
        tell(server, error)
        raise
    uri = server.previews.add(text)
    if params.show and server.client.shows_documents:
        server.protocol.spawn(server.previews.show(server, uri))
    return Preview(text, uri, list(map(str, plan.objections)))


def tell(server: Server, error: Refusal) -> None:
    """Show an error to those who would not see the reply: it goes nowhere, or into the editor's log."""
    if current().id is None or server.client.hides_errors:
        server.show(types.MessageType.Warning, f"Tacit: {error}")


async def _apply(server: Server, params: ApplyParams) -> Outcome:
    if not server.client.applies_edits:
        raise Refusal(Code.REQUEST_FAILED, "This editor makes no edits that a server asks for.")
    plan, edit = await edit_for(server, params)
    label = f"Apply a sketch to {_names(plan)}"
    try:
        answer = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
    except JsonRpcException:
        raise Refusal(Code.REQUEST_FAILED, "The editor refused the edit.") from None
    # The raw response: our protocol leaves it as the client wrote it.
    made: dict[str, Any] = answer if isinstance(answer, dict) else {}
    if made.get("applied") is not True:
        reason = str(made.get("failureReason") or "it gave no reason").rstrip(".")
        raise Refusal(Code.REQUEST_FAILED, f"The editor did not make the edit: {reason}.")
    return Outcome([_changed(change) for change in plan.changes])


def _changed(change: Any) -> Changed:
    report = change.report
    return Changed(
        change.file.uri, report.added, report.removed, round(change.confidence, 3), report.new_names
    )


def _names(plan: Plan) -> str:
    return ", ".join(change.file.name for change in plan.changes)


def _text(plan: Plan) -> str:
    """The difference, or the best guess, under the reasons why it is not to be applied."""
    guesses = "".join(each.preview for each in plan.objections)
    reasons = "".join(f"# refused: {each}\n" for each in plan.objections)
    difference = plan.difference + guesses
    return reasons + difference if difference else ""


def _params(arguments: Sequence[Any]) -> ApplyParams:
    try:
        return read_params(arguments[0] if arguments else {})
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID_PARAMS, f"the argument does not fit: {error}") from error
