"""`textDocument/codeAction`: the next edit, and the sketch at the cursor; titles and data only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.applying.actions import sketch_actions
from lsp_server.requests import next_edit

if TYPE_CHECKING:
    from lsp_server.server import Server

KIND = types.CodeActionKind.RefactorRewrite.value


async def handle(
    server: Server, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """The next edit, and what can be done with the sketch at the cursor, or with those that are selected."""
    if server.documents.get(params.text_document.uri) is None or not _is_wanted(params.context.only):
        return None
    return [*await next_edit.actions(server, params), *await sketch_actions(server, params)] or None


def _is_wanted(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the client asks for our kind, or for one that holds it."""
    kinds = [str(getattr(each, "value", each)) for each in only or ("",)]
    return any(kind in ("", KIND) or KIND.startswith(f"{kind}.") for kind in kinds)
