"""`textDocument/completion`: the suggestion as one entry of the popup, for editors without ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from completion.reasons import Reason, Silence
from lsp_server import convert
from lsp_server.requests.initialize import offers_popup_items
from lsp_server.suggest import Question, Shown, suggest

if TYPE_CHECKING:
    from lsp_server.server import Server


async def handle(server: Server, params: types.CompletionParams) -> types.CompletionList:
    """At most one entry; incomplete, because it changes with every key."""
    if not offers_popup_items(server.client, server.config):
        return types.CompletionList(is_incomplete=False, items=[])

    def present(shown: Shown) -> types.CompletionItem | Silence:
        item = convert.popup_item(
            shown.document,
            shown.edit,
            shown.cursor,
            server.documents.encoding,
            adjusts_indentation=server.client.adjusts_indentation,
        )
        return item or Silence(Reason.SHAPE)

    # Whatever the trigger kind says: Helix sends Invoked for each key.
    question = Question(params.text_document.uri, convert.place(params.position), automatic=True)
    item = await suggest(server, question, present)
    return types.CompletionList(is_incomplete=True, items=[item] if item else [])
