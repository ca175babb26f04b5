"""Files that nobody has open and that call a renamed definition by its old name.

Documents in the editor come first: only where nothing is to be done in them is the index asked. The editor
is told a place in such a file, and the text once the file is open.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.documents import path_of
from lsp_server.next_edits.offers import CLOSED
from text.document import Document
from text.languages import language_of

if TYPE_CHECKING:
    from completion.next_edit.renamed import Renamed
    from lsp_server.server import Server

ANSWER_S = 0.15
"""How long the index has; it takes a tenth of that, unless it is at work for somebody else."""

MOST = 400_000
"""Characters of all files together, the shortest first: so many are searched in a tenth of a second."""

FRESH_S = 5.0
"""How long its answer is taken to hold, as files change on disk."""


class ClosedFiles:
    """What the index says of the last renamed definitions. Loop thread only."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[Renamed, tuple[float, dict[str, Document]]] = {}

    async def using(self, names: tuple[Renamed, ...]) -> dict[str, Document]:
        """The files by their URIs, without those that are open or that no suggestion may be made in."""
        self._known = {name: self._known[name] for name in names if name in self._known}
        found: dict[str, Document] = {}
        for name in names:
            asked, documents = self._known.get(name, (-FRESH_S, {}))
            if time.monotonic() - asked > FRESH_S:
                running = self._server.index.running
                documents = await self._asked(name)
                self._known[name] = (time.monotonic() if running else -FRESH_S), documents
            found |= documents
        opened = self._opened()
        kept, left = dict[str, Document](), MOST
        for uri, document in sorted(found.items(), key=lambda each: len(each[1])):
            wanted = _path(uri) not in opened and self._server.unwanted(uri) is None
            if wanted and len(document) <= left:
                kept[uri] = document
                left -= len(document)
        return kept

    def has(self, uri: str) -> bool:
        """Whether the file is not open, under whatever spelling of its URI."""
        return _path(uri) not in self._opened()

    def _opened(self) -> set[str]:
        return {_path(uri) for uri in self._server.documents.uris()}

    async def _asked(self, name: Renamed) -> dict[str, Document]:
        definer = _path(self._server.next_edits.uri(name.path))
        texts = await self._server.index.mentions(definer, name.old, ANSWER_S)
        documents = {}
        for path, text in texts.items():
            uri = Path(path).as_uri()
            documents[uri] = Document.create(uri, text, CLOSED, language_of(path=path))
        return documents


def _path(uri: str) -> str:
    return os.path.normpath(path_of(uri))
