"""The language server: what one connection knows, and its life from the first byte to the exit code.

    stdin -> reading thread -> Protocol.receive -> lsp_server.requests.* -> suggest -> lanes -> reply

Invariants:
- Everything here is read and changed on the loop thread; model work gets immutable snapshots and a cancel
  token.
- The loop thread never runs a model, waits for a disk, or imports what is heavy.
- Nothing heavy (onnxruntime, tokenizers, tree-sitter, numpy) is imported before `initialize` is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from completion.reasons import Reason, Silence
from engine.lanes import Lanes
from lsp_server import parent
from lsp_server.applying.previews import Previews
from lsp_server.background import in_thread
from lsp_server.budgets import Budgets
from lsp_server.client import Client
from lsp_server.config import Config, decode
from lsp_server.documents import DocumentStore, path_of
from lsp_server.findings.session import Findings
from lsp_server.framing import read_frames
from lsp_server.neighbours import Neighbours
from lsp_server.next_edits.session import NextEdits
from lsp_server.preparation import ModelHost
from lsp_server.private import is_private
from lsp_server.protocol import Life, Protocol, converter
from lsp_server.requests import register
from lsp_server.status import Status
from lsp_server.trace import Trace
from lsp_server.trace_prompts import Prompts, said
from lsp_server.turns import Turns
from lsp_server.warming import Warmer
from lsp_server.workspace_index.host import IndexHost
from tacit import __version__

if TYPE_CHECKING:
    from engine.model import Model

log = logging.getLogger("tacit.server")


class Server(LanguageServer):
    """One client's server. `model` replaces the choice and loading of one."""

    protocol: Protocol

    def __init__(self, model: Model | None = None) -> None:
        super().__init__("tacit", __version__, protocol_cls=Protocol, converter_factory=converter)
        self.client = Client()
        self.config = Config()
        self.initialized = False
        """Whether the client has said so. Then the model waits for its settings."""
        self.documents = DocumentStore()
        self.turns = Turns()
        self.lanes = Lanes()
        self.trace = Trace()
        self.prompts = Prompts()
        self.status = Status(__version__)
        self.status.trace = self.trace.add
        self.status.load = self.lanes.load
        self.status.open_documents = lambda: len(self.documents)
        self.host = ModelHost(self, model)
        self.status.guests = lambda: self.host.guests
        self.warmer = Warmer(self)
        self.previews = Previews()
        self.next_edits = NextEdits(self)
        self.index = IndexHost(self)
        self.neighbours = Neighbours(self)
        self.findings = Findings(self)
        self.budgets = Budgets(self)
        self.status.budget = self.budgets.report
        self.progress_cancels: dict[str | int, Callable[[], None]] = {}
        self._settings: dict[str, Any] = {}
        self._complained: set[str] = set()
        self._exit: asyncio.Future[int] | None = None
        register(self)

    # Life

    def serve(self, stdin: BinaryIO, stdout: BinaryIO) -> int:
        """Speak LSP until the client exits, closes the pipe or dies; the exit code is LSP's."""
        return asyncio.run(self._serve(stdin, stdout))

    def exit(self) -> None:
        """End soon: 0 if the client has shut us down before, as it should, else 1."""
        self.stop(0 if self.protocol.life is Life.SHUT_DOWN else 1)

    def stop(self, code: int) -> None:
        """End soon with this exit code; the first call counts."""
        if self._exit is not None and not self._exit.done():
            self._exit.set_result(code)

    def watch_editor(self) -> None:
        """End when the client's process does."""
        if self.client.process_id is not None:
            parent.watch(self.client.process_id, self.exit)

    async def _serve(self, stdin: BinaryIO, stdout: BinaryIO) -> int:
        loop = asyncio.get_running_loop()
        self._exit = loop.create_future()
        self.protocol.connect(stdout)
        self.budgets.start()
        self.protocol.on_disconnect = self.exit
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            # Not on Windows, and not on a thread other than the main one.
            loop.add_signal_handler(signal.SIGTERM, self.stop, 0)
        # A thread of its own, and not one of a pool that slow work could fill: cancellation must always get
        # through.
        threading.Thread(target=self._read, args=(stdin, loop), name="tacit-stdin", daemon=True).start()
        code = await self._exit
        await self._close()
        return code

    def _read(self, stdin: BinaryIO, loop: asyncio.AbstractEventLoop) -> None:
        # A closed loop or stream means that the server has ended for another reason.
        with contextlib.suppress(RuntimeError, OSError, ValueError):
            for frame in read_frames(stdin):
                self.budgets.active = time.monotonic()
                loop.call_soon_threadsafe(self.protocol.receive, frame, time.monotonic())
            loop.call_soon_threadsafe(self.exit)

    async def _close(self) -> None:
        self.host.close()
        self.budgets.close()
        await self.index.end()
        self.protocol.cancel_all()
        self.status.close()
        self.previews.close()
        # A few rows are written; a disk that hangs must not keep the editor waiting.
        last = {in_thread(each) for each in (self.next_edits.close, self.findings.close, self.trace.close)}
        await asyncio.wait(last, timeout=1)
        await asyncio.sleep(0)  # lets cancelled requests send their last words
        # A forward pass cannot be interrupted; it is not worth waiting for either.
        threading.Thread(target=self.lanes.close, name="tacit-close", daemon=True).start()

    # Settings

    def configure(self, layer: str, raw: Any) -> None:
        """Take over settings from "options" (initializationOptions) or "configuration", which wins."""
        kept = self.config.trace_prompts
        self._settings[layer] = raw
        self.config, problems = decode(self._settings.get("options"), self._settings.get("configuration"))
        self.next_edits.configure()
        self.index.configure()
        self.findings.rechoose()
        if self.config.trace_prompts and not kept:
            self.show(types.MessageType.Info, f"Tacit: {said()}")
        new = [problem for problem in problems if problem not in self._complained]
        self._complained.update(new)
        if new:
            log.warning("settings: %d problems", len(new))
            self.show(types.MessageType.Warning, "Tacit: " + " ".join(new))

    def show(self, kind: types.MessageType, message: str) -> None:
        """Tell the user."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    # Documents

    def unwanted(self, uri: str) -> Silence | None:
        """Why the settings allow no suggestions in the document; None where they do."""
        language = self.documents.language_id(uri)
        if not self.config.enabled:
            return Silence(Reason.DISABLED)
        if short := self.budgets.silence():
            return short
        if asleep := self.next_edits.sleeping():
            return asleep
        if language in self.config.languages_off:
            return Silence(Reason.LANGUAGE_OFF, language)
        return Silence(Reason.PRIVATE) if is_private(path_of(uri), self.config.files_off) else None

    def shown_path(self, uri: str) -> str:
        """The document's path as the model sees it: from the workspace folder, else only the name."""
        path = PurePosixPath(path_of(uri))
        for root in self.client.roots:
            with contextlib.suppress(ValueError):
                return str(path.relative_to(path_of(root)))
        return path.name
