"""`textDocument/inlineCompletion`: ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason, Silence
from lsp_server import convert
from lsp_server.next_edits.precedence import note_ghost_text
from lsp_server.suggest import Question, Shown, suggest

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(server: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """At most one item. An empty list, and not null, so that clients take down what they showed before."""
    question = Question(
        params.text_document.uri,
        convert.place(params.position),
        automatic=params.context.trigger_kind is types.InlineCompletionTriggerKind.Automatic,
        entry=convert.entry(params.context.selected_completion_info),
    )

    def present(shown: Shown) -> types.InlineCompletionItem | Silence:
        item = convert.inline_item(shown.document, shown.edit, shown.cursor, server.documents.encoding)
        if item is not None:
            note_ghost_text(server, question.uri, shown.edit)
        return item or Silence(Reason.POPUP if question.entry else Reason.SHAPE)

    item = await suggest(server, question, present)
    return types.InlineCompletionList(items=[item] if item else [])
