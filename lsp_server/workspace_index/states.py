"""How far the index of each workspace folder is: reported, shown as progress bars, its trouble told once."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.client import Client
from lsp_server.documents import path_of
from lsp_server.progress import ProgressBar
from lsp_server.reports import IndexReport
from lsp_server.workspace_index.messages import State

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.index")

QUIET = 200
"""Files that are read without a progress bar."""

UNDER_WAY = ("looking", "indexing")
_PHASES = ("failed", "refused", "gone", "indexing", "looking", "halted", "ready")
"""From worst to best."""


def folders_of(client: Client) -> tuple[str, ...]:
    """Paths of the workspace folders that are on disk, each once."""
    roots = (path_of(root) for root in client.roots if root.startswith("file:"))
    return tuple(dict.fromkeys(os.path.normpath(root) for root in roots if root))


class FolderStates:
    """What the index process has said of each folder. Loop thread only."""

    def __init__(self, server: Server, halt: Callable[[], None]) -> None:
        """`halt` is called when the user gives a pass up."""
        self.failure = ""
        """Why there is no index process, and will be none."""
        self._server = server
        self._halt = halt
        self._states: dict[str, State] = {}
        self._bars: dict[str, ProgressBar] = {}
        self._seen: set[str] = set()  # folders that were ready once
        self._told: set[str] = set()

    @property
    def known(self) -> bool:
        """Whether anything can be said of any folder."""
        return bool(self._states)

    @property
    def complete(self) -> bool:
        """Whether every folder is in the index as it is on disk."""
        return all(state is not None and state.phase == "ready" for state in self._of_folders())

    @property
    def begun(self) -> bool:
        """Whether something can be said of every folder."""
        return all(self._of_folders())

    @property
    def searchable(self) -> bool:
        """Whether no folder's first pass is under way."""
        under_way = (state for state in self._of_folders() if state and state.phase in UNDER_WAY)
        return all(state.folder in self._seen for state in under_way)

    def note(self, state: State) -> None:
        """Take in what the process says."""
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
        self.publish()

    def fail(self, failure: str) -> None:
        """There will be no index process, and why."""
        self.failure = failure
        self._tell(f"Tacit searches nothing: {failure}. `tacit index` in a terminal may say why.")
        self.publish()

    def keep_folders(self) -> None:
        """Forget folders that are no longer in the workspace."""
        folders = folders_of(self._server.client)
        self._states = {path: state for path, state in self._states.items() if path in folders}

    def clear(self) -> None:
        """The process has ended."""
        for bar in self._bars.values():
            bar.end()
        self._bars.clear()
        self._states.clear()

    def report(self) -> IndexReport:
        """For `tacit status`."""
        folders = folders_of(self._server.client)
        states = [state for state in self._of_folders() if state is not None]
        if not self._server.config.index_enabled or not folders:
            return IndexReport("off")
        if self.failure:
            return IndexReport("failed", detail=self.failure)
        if not states:
            return IndexReport("starting", folders=len(folders))
        worst = min(states, key=lambda state: _PHASES.index(state.phase))
        return IndexReport(
            worst.phase,
            len(folders),
            sum(state.files for state in states),
            sum(state.done for state in states),
            sum(state.total for state in states),
            f"{worst.problem}. {worst.remedy}".strip(". ") if worst.problem else "",
        )

    def publish(self) -> None:
        """Have `tacit status` know."""
        self._server.status.index = self.report()
        self._server.status.touch()

    def _of_folders(self) -> list[State | None]:
        return [self._states.get(path) for path in folders_of(self._server.client)]

    def _show(self, state: State) -> None:
        if state.total < QUIET:
            return
        bar = self._bars.get(state.folder)
        if bar is None:
            title = f"Tacit: indexing {Path(state.folder).name}"
            bar = self._bars[state.folder] = ProgressBar(self._server, title, self._halt)
        bar.report(f"{state.done:,} of {state.total:,} files", 100 * state.done // max(state.total, 1))

    def _tell(self, sentence: str) -> None:
        """Once, however often it happens."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._server.show(types.MessageType.Warning, sentence)
