"""The server's side of the index process: starts it, tells it what happens, asks it, shows how far it is.

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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from engine.processes import LENGTH, environment, framed, python_module
from lsp_server.child import end
from lsp_server.documents import path_of
from lsp_server.private import is_private
from lsp_server.progress import ProgressBar
from lsp_server.reports import IndexReport
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
    Question,
    Rest,
    State,
    ToIndex,
    Wish,
    encode,
)

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.index")

MODULE = "lsp_server.workspace_index.process"
PATIENCE_S = 10.0
"""How long the index waits for the model to be ready: suggestions come first."""

SETTLING_S = 3.0
"""And how long after that: the first suggestion comes before the index's start, which takes a second."""

QUIET = 200
"""Files that are read without a progress bar."""

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
        self._sent: dict[str, tuple[int, object]] = {}
        self._states: dict[str, State] = {}
        self._bars: dict[str, ProgressBar] = {}
        self._seen: set[str] = set()  # folders that were ready once
        self._told: set[str] = set()
        self._failure = ""

    # Life

    def configure(self) -> None:
        """Start or end it, as the settings and the workspace folders say now."""
        if not self._server.initialized:
            return
        wanted = self._server.config.index_enabled and bool(self._folders())
        if wanted and self._task is None:
            self._failure = ""
            self._task = self._server.protocol.spawn(self._run())
        elif wanted:
            self._send(Folders(self._folders()))
            self._states = {path: self._states[path] for path in self._folders() if path in self._states}
        else:
            self.close()
        self._report()

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
        self._failure = "The index process ends again and again"
        self._tell(f"Tacit searches nothing: {self._failure}. `tacit index` in a terminal may say why.")
        self._report()

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
            self._send(Folders(self._folders()))
            await self._read(process)
        finally:
            self._process = None
            end(process)
            await process.wait()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(NoIndex("the index process has ended"))
            for bar in self._bars.values():
                bar.end()
            self._bars.clear()
            self._states.clear()
            self._report()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
                message = FROM_INDEX.decode(await process.stdout.readexactly(size))
                if isinstance(message, Answer | Excerpts):
                    future = self._waiting.get(message.id)
                    if future is not None and not future.done():
                        future.set_result(message)
                else:
                    self._note(message)

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
    def running(self) -> bool:
        """Whether it can be asked without waiting."""
        return self._process is not None and bool(self._states)

    def roots(self) -> tuple[str, ...]:
        """The folders that are indexed."""
        return self._folders()

    # Questions

    async def search(self, text: str, count: int, excerpt_lines: int = 0) -> list[Found]:
        """The best answers; raises NoIndex where there is no index."""
        if not self._server.config.index_enabled:
            raise NoIndex("The index is switched off by the setting `index.enabled`.")
        if not self._folders():
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
        state = self.report()
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

    async def _answer(self, message: Question | Wish, seconds: float) -> Any:
        """What the process answers; raises TimeoutError, and NoIndex where the process ends."""
        future = self._waiting[message.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(message)
            return await asyncio.wait_for(future, seconds)
        finally:
            del self._waiting[message.id]
            if not future.done() or future.cancelled():
                self._send(Forget(message.id))

    @property
    def complete(self) -> bool:
        """Whether every folder is in the index as it is on disk."""
        states = [self._states.get(path) for path in self._folders()]
        return all(state is not None and state.phase == "ready" for state in states)

    async def _until_started(self) -> None:
        """Until something can be said of every folder, and for FIRST_S until there is something of all."""
        asked = time.monotonic()
        known = None
        while time.monotonic() - asked < ANSWER_S:
            if self._task is not None and self._task.done():
                raise NoIndex(self._failure or "The index is not running.")
            states = [self._states.get(path) for path in self._folders()]
            if all(states):
                known = known or time.monotonic()
                begun = [each for each in states if each and each.phase in UNDER_WAY]
                if time.monotonic() - known > FIRST_S or all(each.folder in self._seen for each in begun):
                    return
            await asyncio.sleep(0.02)

    def _documents(self) -> dict[str, str | None]:
        """The open documents that changed since the last question, and those that were closed."""
        documents = self._server.documents
        found: dict[str, str | None] = {}
        now: dict[str, tuple[int, object]] = {}
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
            now[path] = snapshot.serial, snapshot.document
            before = self._sent.get(path)
            if before is None or before[1] is not snapshot.document:
                found[path] = snapshot.document.text
        found.update(dict.fromkeys(self._sent.keys() - now.keys()))
        self._sent = now
        return found

    def _folders(self) -> tuple[str, ...]:
        roots = (path_of(root) for root in self._server.client.roots if root.startswith("file:"))
        return tuple(dict.fromkeys(os.path.normpath(root) for root in roots if root))

    # How far it is

    def report(self) -> IndexReport:
        """For `tacit status`."""
        states = [self._states[path] for path in self._folders() if path in self._states]
        if not self._server.config.index_enabled or not self._folders():
            return IndexReport("off")
        if self._failure:
            return IndexReport("failed", detail=self._failure)
        if not states:
            return IndexReport("starting", folders=len(self._folders()))
        worst = min(states, key=lambda state: _PHASES.index(state.phase))
        return IndexReport(
            worst.phase,
            len(self._folders()),
            sum(state.files for state in states),
            sum(state.done for state in states),
            sum(state.total for state in states),
            f"{worst.problem}. {worst.remedy}".strip(". ") if worst.problem else "",
        )

    def _note(self, state: State) -> None:
        before = self._states.get(state.folder)
        self._states[state.folder] = state
        if state.phase == "ready":
            self._seen.add(state.folder)
        if state.phase == "indexing":
            self._show(state)
        elif bar := self._bars.pop(state.folder, None):
            bar.end()
        if state.phase in ("failed", "refused"):
            sentence = f"{state.problem.rstrip('.')}. {state.remedy}".strip()
            self._tell(f"Tacit cannot keep its search index: {sentence}")
        if before is None or before.phase != state.phase:
            log.info("index: %s, %d files", state.phase, state.files)
        self._report()

    def _show(self, state: State) -> None:
        if state.total < QUIET:
            return
        bar = self._bars.get(state.folder)
        if bar is None:
            title = f"Tacit: indexing {Path(state.folder).name}"
            bar = self._bars[state.folder] = ProgressBar(self._server, title, lambda: self._send(Halt()))
        bar.report(f"{state.done:,} of {state.total:,} files", 100 * state.done // max(state.total, 1))

    def _tell(self, sentence: str) -> None:
        """Once, however often it happens."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._server.show(types.MessageType.Warning, sentence)

    def _report(self) -> None:
        self._server.status.index = self.report()
        self._server.status.touch()


UNDER_WAY = ("looking", "indexing")
_PHASES = ("failed", "refused", "gone", "indexing", "looking", "halted", "ready")
"""From worst to best."""
