"""`workspace/textDocumentContent`: the documents that only the server has: previews, kinds of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.envelope import Code
from lsp_server.findings.wire import description
from lsp_server.protocol import Refusal

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
    """The text of a preview that is not forgotten yet, or what a kind is."""
    text = description(params.uri) or server.previews.get(params.uri)
    if text is None:
        raise Refusal(Code.INVALID_PARAMS, "there is no such preview any more")
    return types.TextDocumentContentResult(text)
