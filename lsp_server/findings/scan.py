"""The whole workspace, on request: file by file in the lane for bugs, with a progress bar that can end it.

What is found in files that are not open is pushed, to every client. It is taken away when such a file is
opened (then the document has findings of its own), changed on disk or gone: the few files that have some are
looked at every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from bug_finder.reasons import Reason
from engine.cancel import CancelToken
from engine.lanes import Closed, Lane, Superseded
from lsp_server.background import in_thread
from lsp_server.documents import path_of
from lsp_server.envelope import Code
from lsp_server.findings.wire import diagnostics
from lsp_server.logs import place_of
from lsp_server.private import is_private
from lsp_server.progress import ProgressBar
from lsp_server.protocol import Refusal
from text.document import Document

if TYPE_CHECKING:
    from bug_finder.source import Stamp
    from lsp_server.findings.marks import Reading
    from lsp_server.findings.workshop import Workshop
    from lsp_server.server import Server

log = logging.getLogger("tacit.bugs")

REST_S = 0.5
"""How long nobody must have typed for a scan to go on."""
BUSY_S = 1.0
"""How often it is looked whether the machine has time again."""
LOOK_S = 3.0
"""How often files are looked at whose findings are shown."""


class Outcome(msgspec.Struct, frozen=True):
    """What a scan has done: files read, functions in them, findings shown, and files left out by reason."""

    files: int
    functions: int
    findings: int
    skipped: dict[str, int]
    cancelled: bool = False


class Scanner:
    """One server's scans, one at a time. Loop thread only."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._shown: dict[str, tuple[Path, Stamp]] = {}
        self._running = False
        self._stopped = False
        self._looking: asyncio.Task[None] | None = None
        self._typed = 0.0
        self._job: Future[Reading] | None = None

    async def scan(self, folders: list[Path]) -> Outcome:
        """Read all files below `folders`. Raises Refusal where one is under way, or there is no detector."""
        if self._running:
            raise Refusal(Code.REQUEST_FAILED, "A scan is under way already.")
        if not (self._server.config.enabled and self._server.config.bugs_enabled):
            raise Refusal(Code.REQUEST_FAILED, Reason.OFF.sentence)
        self._running, self._stopped = True, False
        bar = ProgressBar(self._server, "Tacit: looking for bugs", self._stop)
        try:
            workshop = await self._server.findings.workshop()
            if workshop is None:
                raise Refusal(Code.REQUEST_FAILED, Reason.NO_MODEL.sentence)
            return await self._scan(workshop, folders, bar)
        finally:
            self._running = False
            bar.end()

    def opened(self, uri: str) -> None:
        """A document speaks for itself from now on."""
        if self._shown.pop(uri, None) is not None:
            self._publish(uri, [])

    def typed(self) -> None:
        """Somebody types: the processor is theirs."""
        self._typed = time.monotonic()
        if self._job is not None:
            self._job.cancel()

    def _stop(self) -> None:
        self._stopped = True

    async def _scan(self, workshop: Workshop, folders: list[Path], bar: ProgressBar) -> Outcome:
        found = await in_thread(lambda: list(_files(folders)))
        skipped: Counter[str] = Counter()
        files = functions = findings = 0
        for number, (root, path) in enumerate(found):
            if self._stopped:
                break
            bar.report(f"{number} of {len(found)} files, {findings} findings", 100 * number // len(found))
            while (rest := self._server.budgets.rest) is not None and not self._stopped:
                bar.report(rest.sentence, 100 * number // len(found))
                await asyncio.sleep(BUSY_S)
            reading = await self._file(workshop, root, path)
            if reading.functions:
                files += 1
                functions += reading.functions
                findings += len(reading.marks)
            elif reading.reason is not None:
                skipped[reading.reason.value] += 1
        return Outcome(files, functions, findings, dict(skipped), self._stopped)

    async def _file(self, workshop: Workshop, root: Path, path: str) -> Reading:
        """Read one file and show what is found, if it still holds what was read."""
        from bug_finder.source import has_changed, read
        from lsp_server.findings.marks import Reading
        from lsp_server.findings.workshop import Task

        server, place = self._server, root / path
        uri = place.as_uri()
        wish = server.findings.wish()
        if is_private(str(place), server.config.files_off):
            return Reading(reason=Reason.PRIVATE)
        texts: list[tuple[str, str, Stamp]] = []

        def work(cancel: CancelToken) -> Reading:
            for _ in range(3):
                source = read(place, path)
                if source.reason is not Reason.CHANGED:
                    if source.reason is not None:
                        return Reading(reason=source.reason)
                    texts[:] = [(source.text, source.language, source.stamp)]
                    task = Task(source.text, source.language, path, place.parent, wish)
                    reading = workshop.read(task, cancel)
                    if not has_changed(place, source.stamp):
                        return reading
            return Reading(reason=Reason.CHANGED)

        try:
            reading = await self._in_pauses(lambda: server.lanes.submit(Lane.BUGS, ("scan", uri), work))
        except (Superseded, Closed):
            return Reading(reason=Reason.CANCELLED)
        except Exception as error:
            log.error("a file was left out: %s at %s", type(error).__name__, place_of(error))
            reading = Reading(reason=Reason.FAILED)
        if server.findings.is_open(uri):
            return reading
        if reading.marks:
            text, language, stamp = texts[0]
            document = Document.create(uri, text, 0, language)
            self._shown[uri] = (place, stamp)
            self._publish(uri, diagnostics(document, reading.marks, server.documents.encoding))
            if self._looking is None or self._looking.done():
                self._looking = server.protocol.spawn(self._look())
        else:
            self.opened(uri)
        return reading

    async def _in_pauses(self, submit: Callable[[], Future[Reading]]) -> Reading:
        """What a job returns that is taken back whenever somebody types, and begun anew once they rest."""
        while True:
            while not self._stopped and (left := self._typed + REST_S - time.monotonic()) > 0:
                await asyncio.sleep(left)
            job = self._job = submit()
            try:
                return await asyncio.wrap_future(job)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not job.cancelled() or (task is not None and task.cancelling()):
                    raise
            finally:
                self._job = None

    async def _look(self) -> None:
        """Take away what is said of files that have changed since."""
        while self._shown:
            await asyncio.sleep(LOOK_S)
            shown = dict(self._shown)
            for uri in await in_thread(partial(_changed, shown)):
                if self._shown.get(uri) == shown[uri]:
                    self.opened(uri)

    def _publish(self, uri: str, items: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))


def folders_of(server: Server, folder: str | None) -> list[Path]:
    """What is to be scanned: a folder of the workspace, or all of it. Raises Refusal where there is none."""
    roots = [Path(path_of(uri)) for uri in server.client.roots if uri.startswith("file:")]
    if folder is None:
        if not roots:
            raise Refusal(Code.INVALID_PARAMS, "there is no workspace folder")
        return roots
    asked = Path(path_of(folder) if folder.startswith("file:") else folder)
    if not any(asked.resolve().is_relative_to(root.resolve()) for root in roots):
        raise Refusal(Code.INVALID_PARAMS, "the folder is not in the workspace")
    return [asked]


def _changed(shown: Mapping[str, tuple[Path, Stamp]]) -> list[str]:
    """The URIs of the files that are no longer as they were read; blocking."""
    from bug_finder.source import has_changed

    return [uri for uri, (place, stamp) in shown.items() if has_changed(place, stamp)]


def _files(folders: list[Path]) -> Iterator[tuple[Path, str]]:
    """Files in languages that are understood, as root and path; blocking."""
    from retrieval.walk import code_files

    for folder in folders:
        yield from code_files(folder)
