"""`textDocument/codeAction`: the next edit, findings, sketches, changes to review; titles and data only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.applying.actions import sketch_actions
from lsp_server.findings.actions import finding_actions
from lsp_server.findings.review import KIND as REVIEW
from lsp_server.findings.review import review_actions
from lsp_server.requests import next_edit

if TYPE_CHECKING:
    from lsp_server.server import Server

REWRITE = types.CodeActionKind.RefactorRewrite.value
FIX = types.CodeActionKind.QuickFix.value


async def handle(
    server: Server, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """The next edit, and what can be done with the findings, changes and sketches that are selected."""
    if server.documents.get(params.text_document.uri) is None:
        return None
    only = params.context.only
    found: list[types.CodeAction | types.Command] = []
    if _is_wanted(FIX, only):
        found += finding_actions(server, params)
    if _is_wanted(REWRITE, only):
        found += [*await next_edit.actions(server, params), *await sketch_actions(server, params)]
    if _is_wanted(REVIEW, only):
        found += await review_actions(server, params)
    return found or None


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the client asks for this kind, or for one that holds it."""
    kinds = [str(getattr(each, "value", each)) for each in only or ("",)]
    return any(each in ("", kind) or kind.startswith(f"{each}.") for each in kinds)
