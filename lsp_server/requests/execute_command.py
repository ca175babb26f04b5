"""`workspace/executeCommand`, also as the notification that some clients make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.envelope import Code
from lsp_server.protocol import Refusal
from lsp_server.requests import (
    apply,
    diagnostic_commands,
    edit_selection,
    next_edit,
    related,
    search,
    status,
    why,
)

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.ExecuteCommandParams) -> Any:
    """Run one of our commands. Those that take no argument ignore what is sent."""
    command = COMMANDS.get(params.command)
    if command is None:
        raise Refusal(Code.INVALID_PARAMS, "no such command")
    return command(server, params.arguments or ())


def _why(server: Server, _: Sequence[Any]) -> Any:
    server.show(types.MessageType.Info, why.sentence(server))
    return why.handle(server, why.Params())


def _status(server: Server, _: Sequence[Any]) -> Any:
    server.show(types.MessageType.Info, status.sentence(server))
    return status.handle(server, status.Params())


def _retry_model(server: Server, _: Sequence[Any]) -> None:
    if server.host.ready is None or server.status.model.phase == "failed":
        server.host.start()


COMMANDS: dict[str, Callable[[Server, Sequence[Any]], Any]] = {
    "tacit.why": _why,
    "tacit.status": _status,
    "tacit.retryModel": _retry_model,
    "tacit.nextEdit": next_edit.next_edit,
    "tacit.acceptNextEdit": next_edit.accept,
    "tacit.rejectNextEdit": next_edit.reject,
    "tacit.jumpNext": next_edit.jump_next,
    "tacit.showLast": next_edit.show_last,
    "tacit.snooze": next_edit.snooze,
    "tacit.resetLearning": next_edit.reset_learning,
    "tacit.apply": apply.handle,
    "tacit.previewApply": apply.preview,
    "tacit.editSelection": edit_selection.handle,
    "tacit.search": search.command,
    "tacit.related": related.handle,
    "tacit.whyFinding": diagnostic_commands.why,
    "tacit.dismiss": diagnostic_commands.dismiss,
    "tacit.undoDismiss": diagnostic_commands.undo_dismiss,
    "tacit.reviewChanges": diagnostic_commands.review,
    "tacit.findBugs": diagnostic_commands.scan,
}
