"""`workspace/symbol`: a name, some letters of one, or a question in words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.calls import current
from lsp_server.record import note
from lsp_server.trace_reasons import Reason
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
        note(server, "symbols", Reason.NO_QUERY)
        return []
    try:
        found = await server.index.search(query, NAMES if symbols.is_name(query) else MEANINGS)
    except NoIndex as reason:
        current().note = f"nothing: {reason}"
        note(server, "symbols", Reason.NO_INDEX)
        return None
    except asyncio.CancelledError:
        note(server, "symbols", Reason.CANCELLED)
        raise
    uris = server.documents.uris_by_path()
    wanted = symbols.wanted(found, query, server.index.complete)
    note(server, "symbols", None if wanted else Reason.NO_MATCH)
    return [symbols.symbol(each, uris) for each in wanted]
