"""`workspace/symbol`: a name, some letters of one, or a question in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.calls import current
from lsp_server.workspace_index import symbols
from lsp_server.workspace_index.host import NoIndex

if TYPE_CHECKING:
    from lsp_server.server import Server

NAMES = 100
MEANINGS = 30


async def handle(server: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol] | None:
    """The best answers first; null where there is no index."""
    query = params.query.strip()
    if not query:
        return []
    try:
        found = await server.index.search(query, NAMES if symbols.is_name(query) else MEANINGS)
    except NoIndex as reason:
        current().note = f"nothing: {reason}"
        return None
    uris = server.documents.uris_by_path()
    return [symbols.symbol(each, uris) for each in symbols.wanted(found, query, server.index.complete)]
