"""Differences to be looked at before anything is applied: documents that only the server has, by URI."""

from __future__ import annotations

import collections
import hashlib
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.background import in_thread

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.previews")

SCHEME = "tacit"

KEPT = 16
"""Previews that an editor can still ask for."""


class Previews:
    """The last few, by URI. Loop thread only."""

    def __init__(self) -> None:
        self._texts: collections.OrderedDict[str, str] = collections.OrderedDict()
        self._folder: Path | None = None

    def add(self, text: str) -> str:
        """Keep a difference; its URI."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        uri = f"{SCHEME}://preview/{digest}.diff"
        self._texts[uri] = text
        self._texts.move_to_end(uri)
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)
        return uri

    def get(self, uri: str) -> str | None:
        """The text; None once it is forgotten."""
        return self._texts.get(uri)

    async def show(self, server: Server, uri: str) -> None:
        """Have the editor open it: by its URI, or as a file of its own where the editor needs one."""
        where = uri if server.client.virtual_documents else await self._write(uri)
        try:
            await server.window_show_document_async(types.ShowDocumentParams(uri=where, take_focus=False))
        except JsonRpcException:
            log.debug("the editor does not show the preview")

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _write(self, uri: str) -> str:
        if self._folder is None:
            # For nobody else's eyes, and gone with the server.
            self._folder = Path(await in_thread(lambda: tempfile.mkdtemp(prefix="tacit-")))
        # A file of both kinds of line ends would be shown with half of them as characters.
        path, text = self._folder / uri.rpartition("/")[2], self._texts[uri].replace("\r\n", "\n")
        await in_thread(lambda: path.write_text(text, "utf-8", "surrogatepass", newline=""))
        return path.as_uri()
