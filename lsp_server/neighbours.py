"""What ghost text is shown of other files: asked of the index while typing rests, and kept. Loop thread only.

What has changed here has the whole prompt read anew, so it is asked for seldom: once at first, and again when
the cursor has come far, or when the index has come further.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsp_server.documents import path_of

if TYPE_CHECKING:
    from completion.prompt import Excerpt
    from lsp_server.server import Server

FAR = 40
"""Lines that the cursor moves before other names are near it."""

PAUSE_S = 5.0
"""Between two questions about one document."""


@dataclass(slots=True)
class _Known:
    excerpts: tuple[Excerpt, ...] = ()
    asked: float = -PAUSE_S
    line: int = -FAR
    complete: bool = False  # whether the index knew all
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Neighbours:
    """By document."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str, _Known] = {}

    def of(self, uri: str) -> tuple[Excerpt, ...]:
        """What is known by now; nothing while that is switched off."""
        known = self._known.get(uri)
        return known.excerpts if known and self._server.config.index_excerpts else ()

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._known.pop(uri, None)

    def look(self, uri: str) -> None:
        """Ask the index if it is time to; the document is read anew once that has brought something."""
        server = self._server
        snapshot, ready = server.documents.get(uri), server.host.ready
        if snapshot is None or ready is None or ready.model.tokenizer.fim is None:
            return
        if ready.where:
            return  # what is sent to another machine is the document alone
        if not server.config.index_excerpts or not uri.startswith("file:") or not server.index.running:
            return
        known = self._known.setdefault(uri, _Known())
        offset = server.documents.cursor(uri)
        line = snapshot.document.position(offset).line
        near = abs(line - known.line) < FAR and known.complete
        if near or time.monotonic() - known.asked < PAUSE_S or (known.task and not known.task.done()):
            return
        known.asked, known.line, known.complete = time.monotonic(), line, server.index.complete

        async def ask() -> None:
            from completion.nearby import imported, names_near
            from completion.prompt import Excerpt

            words = imported(snapshot.document)
            names = names_near(snapshot.document, offset, words)
            found = await server.index.excerpts(os.path.normpath(path_of(uri)), names, words)
            excerpts = tuple(Excerpt(each.inside, each.text, each.score, each.line) for each in found)
            if {(each.path, each.text) for each in excerpts} != {
                (each.path, each.text) for each in known.excerpts
            }:
                known.excerpts = excerpts
                server.warmer.again(uri)

        known.task = server.protocol.spawn(ask())
