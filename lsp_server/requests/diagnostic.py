"""`textDocument/diagnostic`: the findings of a document, once they are those of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.findings.wire import diagnostics, result_id

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(
    server: Server, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """All of them; where they are the same as in the last answer, only that. Never an error."""
    known = await server.findings.current(params.text_document.uri)
    encoding, described = server.documents.encoding, server.client.virtual_documents
    items = [] if known is None else diagnostics(*known, encoding, described=described)
    name = result_id(items)
    if params.previous_result_id == name:
        return types.RelatedUnchangedDocumentDiagnosticReport(name)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=name)
