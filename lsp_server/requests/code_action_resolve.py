"""`codeAction/resolve`: the edit of an action that was chosen, computed now; or the reasons against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from lsp_server.applying.params import ApplyParams
from lsp_server.applying.work import edit_for
from lsp_server.envelope import Code
from lsp_server.findings.actions import fixed
from lsp_server.findings.wire import Which
from lsp_server.protocol import Refusal
from lsp_server.record import noting_apply
from lsp_server.requests.apply import tell

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(server: Server, action: Any) -> Any:
    """The action with its edit. One that has a command instead, or none of ours, stays as it is."""
    if not isinstance(action, Mapping):
        raise Refusal(Code.INVALID_PARAMS, "an action is an object")
    if action.get("data") is None:
        return action
    if isinstance(action["data"], Mapping) and "fix" in action["data"]:
        return {**action, "edit": _fixed(server, action["data"]["fix"])}
    try:
        params = msgspec.convert(action["data"], ApplyParams)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID_PARAMS, f"this action is not ours: {error}") from error
    try:
        with noting_apply(server):
            _, edit = await edit_for(server, params)
    except Refusal as error:
        tell(server, error)
        raise
    return {**action, "edit": edit}


def _fixed(server: Server, raw: Any) -> Any:
    """The edit of a finding's fix."""
    try:
        return fixed(server, msgspec.convert(raw, Which))
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID_PARAMS, f"this action is not ours: {error}") from error
