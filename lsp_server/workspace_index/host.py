"""The server's side of the index process: starts it, tells it what happens, and asks it.

    off -> starting -> looking -> indexing -> ready
                  any of them -> failed, with a reason and a remedy that are told once

Loop thread only; nothing here reads the disk. A process that ends is started again: at once, then after a
while, and no more once it has ended RESTARTS times without having lived LONG_S.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import TYPE_CHECKING, Any

from engine.processes import LENGTH, environment, framed, python_module
from lsp_server.child import end
from lsp_server.documents import path_of
from lsp_server.private import is_private
from lsp_server.workspace_index.messages import (
    FROM_INDEX,
    Answer,
    Changed,
    Excerpt,
    Excerpts,
    Folders,
    Forget,
    Found,
    Halt,
    Mentions,
    Question,
    Renamed,
    Rest,
    ToIndex,
    Wish,
    encode,
)
from lsp_server.workspace_index.states import FolderStates, folders_of

if TYPE_CHECKING:
    from lsp_server.server import Server
    from text.document import Document

log = logging.getLogger("tacit.index")

MODULE = "lsp_server.workspace_index.process"
PATIENCE_S = 10.0
"""How long the index waits for the model to be ready: suggestions come first."""

SETTLING_S = 3.0
"""And how long after that: the first suggestion comes before the index's start, which takes a second."""

FIRST_S = 1.5
"""How long a question waits for a pass over a folder: as long as a small one takes."""

RESTARTS = 3
LONG_S = 60.0
ANSWER_S = 20.0
WISH_S = 5.0
LARGEST = 2_000_000
"""Characters of an open document that is searched as it is in the editor."""


class NoIndex(Exception):
    """Why there is nothing to search; the message is for the user."""


class IndexHost:
    """Holds the index process, or knows why there is none."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._task: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._wanted = asyncio.Event()
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._sent: dict[str, Document] = {}  # by path, as the process has them
        self._states = FolderStates(server, lambda: self._send(Halt()))

    # Life

    def configure(self) -> None:
        """Start or end it, as the settings and the workspace folders say now."""
        if not self._server.initialized:
            return
        wanted = self._server.config.index_enabled and bool(self.folders)
        if wanted and self._task is None:
            self._states.failure = ""
            self._task = self._server.protocol.spawn(self._run())
        elif wanted:
            self._send(Folders(self.folders))
            self._states.keep_folders()
        else:
            self.close()
        self._states.publish()

    def close(self) -> None:
        """End the process."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._states.clear()

    async def end(self) -> None:
        """The same, and wait until it is gone; not for long."""
        task = self._task
        self.close()
        if task is not None:
            await asyncio.wait({task}, timeout=1)

    async def _run(self) -> None:
        await self._until_calm()
        attempt = 0
        while attempt < RESTARTS:
            started = time.monotonic()
            try:
                await self._serve()
            except OSError as error:
                log.error("the index process cannot be started: %s", error.strerror)
            log.warning("the index process ended")
            if time.monotonic() - started > LONG_S:
                attempt = 0
            elif attempt:
                await asyncio.sleep(2**attempt)
            attempt += 1
        self._states.fail("The index process ends again and again")

    async def _until_calm(self) -> None:
        """Until the model is there, or will not come soon, or somebody asks."""
        end = time.monotonic() + PATIENCE_S
        settled = False
        while time.monotonic() < end and not self._wanted.is_set():
            if self._server.host.settled and not settled:
                settled, end = True, min(end, time.monotonic() + SETTLING_S)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), 0.2)

    async def _serve(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *python_module(MODULE), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment()
        )
        self._process = process
        self._sent.clear()
        try:
            self.rest()
            self._send(Folders(self.folders))
            await self._read(process)
        finally:
            self._process = None
            end(process)
            await process.wait()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(NoIndex("the index process has ended"))
            self._states.clear()
            self._states.publish()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
                message = FROM_INDEX.decode(await process.stdout.readexactly(size))
                if isinstance(message, Answer | Excerpts | Mentions):
                    future = self._waiting.get(message.id)
                    if future is not None and not future.done():
                        future.set_result(message)
                else:
                    self._states.note(message)

    def _send(self, message: ToIndex) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self._process.stdin.write(framed(encode(message)))

    # What happens

    def changed(self, *uris: str) -> None:
        """Something happened to these files on disk."""
        if paths := tuple(path_of(uri) for uri in uris if uri.startswith("file:")):
            self._send(Changed(tuple(os.path.normpath(path) for path in paths)))

    def rest(self) -> None:
        """Wait with passes over folders, or go on, as the machine's state is now; never once asked."""
        self._send(Rest(self._server.budgets.rest is not None and not self._wanted.is_set()))

    @property
    def folders(self) -> tuple[str, ...]:
        """Paths of the workspace folders."""
        return folders_of(self._server.client)

    @property
    def running(self) -> bool:
        """Whether it can be asked without waiting."""
        return self._process is not None and self._states.known

    @property
    def complete(self) -> bool:
        """Whether every folder is in the index as it is on disk."""
        return self._states.complete

    # Questions

    async def search(self, text: str, count: int, excerpt_lines: int = 0) -> list[Found]:
        """The best answers; raises NoIndex where there is no index."""
        if not self._server.config.index_enabled:
            raise NoIndex("The index is switched off by the setting `index.enabled`.")
        if not self.folders:
            raise NoIndex("There is no workspace folder to search.")
        if not self._wanted.is_set():
            self._wanted.set()
            self.rest()  # somebody waits
        await self._until_started()
        encoding = self._server.documents.encoding.value
        question = Question(next(self._ids), text, count, encoding, self._documents(), excerpt_lines)
        try:
            answer = await self._answer(question, ANSWER_S)
        except TimeoutError:
            raise NoIndex("The index did not answer in time.") from None
        state = self._states.report()
        if problem := answer.problem or (state.phase == "failed" and not answer.found and state.detail):
            raise NoIndex(str(problem))
        return [each for each in answer.found if not is_private(each.path, self._server.config.files_off)]

    async def excerpts(self, path: str, names: dict[str, float], imported: frozenset[str]) -> list[Excerpt]:
        """What would help in that file, as far as the index knows by now; starts nothing."""
        if not self.running:
            return []
        try:
            answer = await self._answer(Wish(next(self._ids), path, names, imported), WISH_S)
        except (TimeoutError, NoIndex):
            return []
        return [each for each in answer.found if not is_private(each.path, self._server.config.files_off)]

    async def mentions(self, path: str, name: str, seconds: float) -> dict[str, str]:
        """Files that use a name which was defined in `path`, and their texts; starts nothing."""
        if not self.running:
            return {}
        try:
            answer = await self._answer(Renamed(next(self._ids), path, name), seconds)
        except (TimeoutError, NoIndex):
            return {}
        return {each.path: each.text for each in answer.found}

    async def _answer(self, message: Question | Wish | Renamed, seconds: float) -> Any:
        """What the process answers; raises TimeoutError, and NoIndex where the process ends."""
        future = self._waiting[message.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(message)
            return await asyncio.wait_for(future, seconds)
        finally:
            del self._waiting[message.id]
            if not future.done() or future.cancelled():
                self._send(Forget(message.id))

    async def _until_started(self) -> None:
        """Until something can be said of every folder, and for FIRST_S until there is something of all."""
        asked = time.monotonic()
        known = None
        while time.monotonic() - asked < ANSWER_S:
            if self._task is not None and self._task.done():
                raise NoIndex(self._states.failure or "The index is not running.")
            if self._states.begun:
                known = known or time.monotonic()
                if time.monotonic() - known > FIRST_S or self._states.searchable:
                    return
            await asyncio.sleep(0.02)

    def _documents(self) -> dict[str, str | None]:
        """The open documents that changed since the last question, and those that were closed."""
        documents = self._server.documents
        found: dict[str, str | None] = {}
        now: dict[str, Document] = {}
        for uri in documents.uris():
            snapshot = documents.get(uri)
            path = os.path.normpath(path_of(uri))
            unwanted = is_private(path, self._server.config.files_off)
            if (
                snapshot is None
                or unwanted
                or not uri.startswith("file:")
                or len(snapshot.document) > LARGEST
            ):
                continue
            now[path] = snapshot.document
            if self._sent.get(path) is not snapshot.document:
                found[path] = snapshot.document.text
        found.update(dict.fromkeys(self._sent.keys() - now.keys()))
        self._sent = now
        return found

    def _folders(self) -> tuple[str, ...]:
        roots = (path_of(root) for root in self._server.client.roots if root.startswith("file:"))
        return tuple(dict.fromkeys(os.path.normpath(root) for root in roots if root))
