"""The findings of one connection's open documents.

    didOpen, didSave -----------------+
    didChange -> marks follow, a rest +-> a job in the lane for bugs -> marks -> push, or who waits for a pull

Invariants:
- What is shown is about the document as it is now: found in it, or on lines that moved with it.
- One job per document; it ends as soon as anything more urgent wants the thread, and starts anew later.
- Loop thread only; a job gets a text and gives back a Reading.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bug_finder.reasons import Reason
from engine.cancel import CancelToken
from engine.lanes import Closed, Lane, Superseded
from lsp_server.background import in_thread
from lsp_server.documents import Snapshot, path_of
from lsp_server.findings.marks import Mark, Reading, following
from lsp_server.findings.scan import Scanner
from lsp_server.findings.wire import diagnostics
from lsp_server.logs import place_of
from lsp_server.private import is_private
from lsp_server.reports import FileFindings
from text.document import Document

if TYPE_CHECKING:
    from bug_finder.choose import Wish
    from lsp_server.findings.workshop import Task, Workshop
    from lsp_server.server import Server

log = logging.getLogger("tacit.bugs")

REST_S = 0.3
"""How long typing must pause before a document is read."""
SAVED_S = 0.01
"""The same after a save, an opening, or another setting: many of these come at once."""
PATIENCE_S = 30.0
"""How long a pull waits; then it gets what is known."""


@dataclass(slots=True, eq=False)
class _Open:
    """An open document. `fresh` means that `reading` is of the text `document`."""

    document: Document
    reading: Reading = field(default_factory=Reading)
    fresh: bool = False
    pushed: bool = False  # there is something in the editor that would have to be taken away
    timer: asyncio.TimerHandle | None = None
    job: Future[Reading] | None = None
    waiting: list[asyncio.Future[None]] = field(default_factory=list)


class Findings:
    """See the module."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: dict[str, _Open] = {}
        self._workshop: Workshop | None = None
        self._loading: asyncio.Future[Workshop] | None = None
        self._failed = ""
        self._closed = False
        self.scanner = Scanner(server)
        self.latest = ""
        """The document that something happened in last."""

    # What the client does

    def opened(self, uri: str) -> None:
        """A document was opened, perhaps anew."""
        self.closed(uri, quietly=True)
        self.scanner.opened(uri)
        self.latest = uri
        snapshot = self._server.documents.get(uri)
        if snapshot is not None:
            self._open[uri] = _Open(snapshot.document)
            self._read_in(uri, SAVED_S)

    def changed(self, uri: str, before: Snapshot | None) -> None:
        """A document was changed; until then it was `before`. Marks on edited lines go at once."""
        self.scanner.typed()
        entry, now = self._open.get(uri), self._server.documents.get(uri)
        if now is None:  # lost
            self.closed(uri)
            return
        if entry is None or before is None or entry.document is not before.document:
            self.opened(uri)
            return
        edits = self._server.documents.edits_since(uri, before.serial)
        marks = () if edits is None else following(entry.reading.marks, before.document, edits)
        fewer = len(marks) < len(entry.reading.marks)
        self.latest = uri
        entry.document, entry.fresh, entry.reading = now.document, False, Reading(marks)
        if fewer and not self.pulls:
            self._push(uri, entry)
        self._release(entry)
        self._read_in(uri, REST_S)

    def saved(self, uri: str) -> None:
        """A document was saved: a rest in typing."""
        entry = self._open.get(uri)
        if entry is not None and not entry.fresh:
            self._read_in(uri, SAVED_S)

    def closed(self, uri: str, *, quietly: bool = False) -> None:
        """A document was closed; what was said about it is taken away."""
        entry = self._open.pop(uri, None)
        if entry is None:
            return
        self._stop(entry)
        self._release(entry)
        if entry.pushed and not quietly:
            self._publish(uri, [], None)

    def rechoose(self) -> None:
        """The settings are others, or something was dismissed: all is chosen anew, which takes no model."""
        for uri, entry in self._open.items():
            entry.fresh = False
            self._read_in(uri, SAVED_S)

    def close(self) -> None:
        """The connection ends. Blocking, for a moment."""
        self._closed = True
        if self._workshop is not None:
            self._workshop.close()

    # What others ask

    @property
    def pulls(self) -> bool:
        """Whether the client asks for diagnostics, and can be told to ask again."""
        return self._server.client.pulls_diagnostics

    async def current(self, uri: str) -> tuple[Document, tuple[Mark, ...]] | None:
        """The marks of a document once they are known; those that still stand if it is changed first."""
        entry = self._open.get(uri)
        if entry is None:
            return None
        if not entry.fresh:
            settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry.waiting.append(settled)
            await asyncio.wait({settled}, timeout=PATIENCE_S)
        return self.known(uri)

    def known(self, uri: str) -> tuple[Document, tuple[Mark, ...]] | None:
        """The marks that stand in a document now; None where it is not open."""
        entry = self._open.get(uri)
        return None if entry is None else (entry.document, entry.reading.marks)

    def dismissed(self, uri: str) -> tuple[Mark, ...]:
        """What was dismissed of the document as it is now."""
        entry = self._open.get(uri)
        return entry.reading.dismissed if entry is not None and entry.fresh else ()

    def is_open(self, uri: str) -> bool:
        """Whether the document is one of those that are followed."""
        return uri in self._open

    async def workshop(self) -> Workshop | None:
        """The detector, loaded on first use; None where that fails, as `tacit why` then says."""
        if self._workshop is None and not self._failed and not self._closed:
            if self._loading is None:
                self._loading = in_thread(_load)
            try:
                self._workshop = await asyncio.shield(self._loading)
            except Exception as error:
                if not self._failed:
                    self._failed = f"{type(error).__name__} at {place_of(error)}"
                    log.error("there will be no findings: %s", self._failed)
        return self._workshop

    def unwanted(self, uri: str) -> Reason | None:
        """Why the settings allow no findings in the document; None where they do."""
        config = self._server.config
        if not (config.enabled and config.bugs_enabled):
            return Reason.OFF
        if self._server.documents.language_id(uri) in config.languages_off:
            return Reason.LANGUAGE
        return Reason.PRIVATE if is_private(path_of(uri), config.files_off) else None

    def wish(self) -> Wish:
        """What the settings want to see."""
        from bug_finder.choose import Wish

        config = self._server.config
        off = frozenset(kind for kind, on in (config.bugs_kinds or {}).items() if not on)
        return Wish(config.bugs_precision, off, config.bugs_max_per_file, config.bugs_dangerous)

    def task(self, uri: str, document: Document) -> Task:
        """The document as something to examine."""
        from lsp_server.findings.workshop import Task

        path = self._server.shown_path(uri)
        return Task(document.text, document.language, path, self.project(uri), self.wish())

    def project(self, uri: str) -> Path:
        """The folder whose dismissals count: the file's, from which the work tree around it is found."""
        if uri.startswith("file:"):
            return Path(path_of(uri)).parent
        roots = self._server.client.roots
        return Path(path_of(roots[0])) if roots else Path()

    # Reading

    def _read_in(self, uri: str, seconds: float) -> None:
        entry = self._open[uri]
        self._stop(entry)
        entry.timer = asyncio.get_running_loop().call_later(seconds, self._begin, uri, entry)

    def _begin(self, uri: str, entry: _Open) -> None:
        entry.timer = None
        if self._closed or self._open.get(uri) is not entry:
            return
        if reason := self.unwanted(uri) or (None if entry.document.language else Reason.LANGUAGE):
            self._settle(uri, entry, entry.document, Reading(reason=reason))
        else:
            self._server.protocol.spawn(self._read(uri, entry, entry.document))

    async def _read(self, uri: str, entry: _Open, document: Document) -> None:
        workshop = await self.workshop()
        if self._open.get(uri) is not entry or entry.document is not document or self._closed:
            return
        if workshop is None:
            self._settle(uri, entry, document, Reading(reason=Reason.NO_MODEL, detail=self._failed))
            return
        from bug_finder.source import MOST_BYTES

        if len(document) > MOST_BYTES:
            self._settle(uri, entry, document, Reading(reason=Reason.TOO_LARGE))
            return
        task = self.task(uri, document)

        def work(cancel: CancelToken) -> Reading:
            return workshop.read(task, cancel)

        job = entry.job = self._server.lanes.submit(Lane.BUGS, uri, work)
        try:
            reading = await asyncio.wrap_future(job)
        except (asyncio.CancelledError, CancelledError, Superseded, Closed):
            self._server.status.trace_findings(_report(uri, document, Reading(reason=Reason.CANCELLED)))
            return
        except Exception as error:
            log.error("looking for bugs failed: %s at %s", type(error).__name__, place_of(error))
            reading = Reading(reason=Reason.FAILED, detail=f"{type(error).__name__} at {place_of(error)}")
        self._settle(uri, entry, document, reading)

    def _settle(self, uri: str, entry: _Open, document: Document, reading: Reading) -> None:
        """Show a reading, if the document is still the one that was read."""
        if self._open.get(uri) is not entry or entry.document is not document:
            return
        before = entry.reading.marks
        entry.reading, entry.fresh, entry.job = reading, True, None
        self._server.status.found(_report(uri, document, reading))
        somebody_waits = bool(entry.waiting)
        self._release(entry)
        if not self.pulls:
            self._push(uri, entry)
        elif not somebody_waits and reading.marks != before:
            self._server.protocol.spawn(self._refresh())

    async def _refresh(self) -> None:
        try:
            await self._server.workspace_diagnostic_refresh_async(None)
        except JsonRpcException:
            log.debug("the client does not ask for diagnostics anew")

    def _push(self, uri: str, entry: _Open) -> None:
        marks = entry.reading.marks
        if marks or entry.pushed:
            entry.pushed = bool(marks)
            server = self._server
            described = server.client.virtual_documents
            items = diagnostics(entry.document, marks, server.documents.encoding, described=described)
            self._publish(uri, items, entry.document.version)

    def _publish(self, uri: str, items: list[types.Diagnostic], version: int | None) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items, version))

    def _stop(self, entry: _Open) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
            entry.timer = None
        if entry.job is not None:
            entry.job.cancel()
            entry.job = None

    def _release(self, entry: _Open) -> None:
        """Let those go on who wait."""
        for each in entry.waiting:
            if not each.done():
                each.set_result(None)
        entry.waiting.clear()


def _load() -> Workshop:
    from lsp_server.findings.workshop import Workshop

    return Workshop()


def _report(uri: str, document: Document, reading: Reading) -> FileFindings:
    return FileFindings(
        at=time.time(),
        document=PurePosixPath(path_of(uri)).name,
        version=document.version,
        shown=len(reading.marks),
        reason=reading.reason.value if reading.reason else "",
        sentence=reading.reason.sentence if reading.reason else "",
        detail=reading.detail,
        functions=reading.functions,
        read=reading.read,
        hidden={reason.value: count for reason, count in reading.hidden.items()},
        ms=reading.ms,
    )
