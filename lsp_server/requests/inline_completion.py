"""`textDocument/inlineCompletion`: ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason, Silence
from lsp_server import convert
from lsp_server.suggest import Shown, suggest

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(server: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """At most one item. An empty list, and not null, so that clients take down what they showed before."""
    selected = params.context.selected_completion_info

    def present(shown: Shown) -> types.InlineCompletionItem | Silence:
        if selected is not None and not _continues(server, shown, selected):
            return Silence(Reason.POPUP)
        item = convert.inline_item(shown.document, shown.edit, shown.cursor, server.documents.encoding)
        return item or Silence(Reason.FAILED, "a suggestion that editors cannot show")

    item = await suggest(
        server,
        params.text_document.uri,
        convert.place(params.position),
        automatic=params.context.trigger_kind is types.InlineCompletionTriggerKind.Automatic,
        present=present,
    )
    return types.InlineCompletionList(items=[item] if item else [])


def _continues(server: Server, shown: Shown, selected: types.SelectedCompletionInfo) -> bool:
    """Whether the text after accepting agrees with the popup's entry, which the user is about to choose."""
    start = server.documents.offset(shown.document, convert.place(selected.range.start))
    before = shown.document.slice(start, shown.edit.start)
    after = shown.edit.new[max(start - shown.edit.start, 0) :]
    return (before + after).startswith(selected.text)
