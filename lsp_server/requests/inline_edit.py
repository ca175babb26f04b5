"""`textDocument/copilotInlineEdit`: the edit that probably comes next, for editors that show one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.documents import Place
from lsp_server.next_edits.ask import Question, ask
from lsp_server.next_edits.wire import Answer, Params, inline_edit

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(server: Server, params: Params) -> Answer:
    """At most one edit; of the same document, unless the client is known to show others where they belong."""
    if isinstance(params.diagnostics, list):
        document = params.text_document
        server.next_edits.problems.tell(document.uri, document.version, params.diagnostics)
    question = Question(
        params.text_document.uri,
        Place(params.position.line, params.position.character),
        params.text_document.version,
        wanted=params.context.trigger_kind == 1,
        closed=server.client.opens_files,
        across=server.client.crosses_files(asked_for=server.config.cross_file_edits),
    )
    offer = await ask(server, question)
    if offer is None:
        return Answer()
    return Answer([inline_edit(offer.document, offer.edit, offer.id, server.documents.encoding)])
