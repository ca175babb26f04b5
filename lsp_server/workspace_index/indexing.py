"""The thread that keeps the index of the workspace folders in step with the disk.

It learns of changes from the editor (saves, watched files) and by looking: every POLL_S at two files of
git's, which change whenever a branch is switched, pulled or committed, and every LOOK_S at everything, for
what nobody tells. It yields to all other work on the machine.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.workspace_index.folders import inside
from lsp_server.workspace_index.messages import State
from retrieval.embedding import StaticEmbedding
from retrieval.git import work_tree_around
from retrieval.schema import StoreDamaged, StoreError, index_path
from retrieval.store import UNTIDY, Store, View
from retrieval.sync import Report, Syncer

log = logging.getLogger("tacit.index")

NICE = 15
POLL_S = 1.0
LOOK_S = 300.0
RETRY_S = 30.0
REPORT_S = 0.2
CALM_S = 60.0


class _Folder:
    """One workspace folder."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.syncer: Syncer | None = None
        self.pending: set[str] | None = None  # paths to look at; None: all
        self.marks: tuple[int, ...] = ()
        self.not_before = 0.0  # seconds of the monotonic clock
        self.looked = 0.0
        self.halted = False

    @property
    def refusal(self) -> str:
        """Why it is not indexed at all."""
        place = Path(os.path.realpath(self.path))
        if place in (Path(place.anchor), Path(os.path.realpath(Path.home()))):
            return "A home folder or a whole disk is not indexed. Open a project's folder."
        return ""

    def look_at_git(self) -> None:
        """Note that all has to be looked at if git has done something here."""
        tree = work_tree_around(Path(os.path.realpath(self.path)))
        marks = tuple(_stamp(tree.git / name) for name in ("HEAD", "index")) if tree else ()
        if marks != self.marks:
            self.marks = marks
            self.pending = None


class Indexer:
    """`run` on a thread of its own; everything else may be called from any."""

    def __init__(self, embedder: StaticEmbedding, tell: Callable[[State], None]) -> None:
        self.views: dict[str, View] = {}
        """By folder: what is searched. Replaced, never changed."""
        self.resting = False
        """Whether a pass over a whole folder has to wait; files that are saved are looked at."""
        self._embedder = embedder
        self._tell = tell
        self._store: Store | None = None
        self._news = threading.Condition()
        self._folders: dict[str, _Folder] = {}
        self._halt = False
        self._worked = time.monotonic()
        self._untidy = 0

    def folders(self, paths: Sequence[str]) -> None:
        """These are the folders now."""
        with self._news:
            self._folders = {path: self._folders.get(path) or _Folder(path) for path in paths}
            self._news.notify()

    def changed(self, paths: Sequence[str]) -> None:
        """Something happened there; without paths, anything may have."""
        with self._news:
            for folder in self._folders.values():
                here = {inside(path, folder.path) for path in paths} - {""}
                if not paths:
                    folder.pending = None
                elif folder.pending is not None:
                    folder.pending.update(path for path in here if ".git" not in path.split("/"))
            self._news.notify()

    def halt(self) -> None:
        """Give up the pass that is under way; files that are saved are still looked at."""
        self._halt = True

    def run(self) -> None:
        """Work for ever."""
        _yield_to_others()
        while True:
            with self._news:
                if not any(map(self._is_due, self._folders.values())):
                    self._news.wait(POLL_S)
                folders = list(self._folders.values())
                self.views = {path: view for path, view in self.views.items() if path in self._folders}
            for folder in folders:
                folder.look_at_git()
                if time.monotonic() - folder.looked > LOOK_S:
                    folder.pending = None
                if self._is_due(folder):
                    self._work(folder)
            self._tidy()

    def _is_due(self, folder: _Folder) -> bool:
        wanted = folder.pending is None or bool(folder.pending)
        if (folder.halted or self.resting) and folder.pending is None:
            return False
        return wanted and time.monotonic() >= folder.not_before

    def _work(self, folder: _Folder) -> None:
        """One pass; what it fails of is told, and tried again later."""
        if refusal := folder.refusal:
            folder.not_before = float("inf")
            self._tell(State(folder.path, "refused", problem=refusal))
            return
        with self._news:
            paths, folder.pending = folder.pending, set()
        try:
            report = self._pass(folder, paths)
        except StoreDamaged:
            self._begin_anew()
        except (StoreError, OSError) as error:
            folder.pending = None
            folder.not_before = time.monotonic() + RETRY_S
            phase = "gone" if isinstance(error, FileNotFoundError) else "failed"
            problem = str(error) if isinstance(error, StoreError) else type(error).__name__
            self._tell(State(folder.path, phase, problem=problem, remedy=getattr(error, "remedy", "")))
            if isinstance(error, StoreError):
                self._close()
        else:
            folder.looked = folder.looked if paths is not None else time.monotonic()
            if self._rested(paths, report):
                folder.pending = None  # what is done is kept, the rest comes later
                return
            folder.halted = folder.halted or report.cancelled
            self._untidy += report.cut if report.cut < UNTIDY else 0  # or else it has been tidied
            self._tell(State(folder.path, "halted" if folder.halted else "ready", report.files))
        self._halt = False
        self._worked = time.monotonic()

    def _pass(self, folder: _Folder, paths: set[str] | None) -> Report:
        if self._store is None:
            self._store = Store.open(index_path(), self._embedder)
        if folder.syncer is None:
            folder.syncer = Syncer(self._store, Path(folder.path))
        self.views = {**self.views, folder.path: folder.syncer.view}
        if paths is None:
            self._tell(State(folder.path, "looking"))
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told > REPORT_S:
                told = time.monotonic()
                self._tell(State(folder.path, "indexing", done=done, total=total))

        report = folder.syncer.sync(
            paths,
            on_progress=progress,
            cancelled=lambda: (
                self._halt or (self.resting and paths is None) or self._folders.get(folder.path) is not folder
            ),
        )
        self.views = {**self.views, folder.path: folder.syncer.view}
        return report

    def _rested(self, paths: set[str] | None, report: Report) -> bool:
        """Whether a pass ended because the machine had better things to do."""
        return report.cancelled and not self._halt and paths is None and self.resting

    def _begin_anew(self) -> None:
        """The index was damaged and has been removed: open a new one, and fill it."""
        self._close()
        for folder in self._folders.values():
            folder.pending = None

    def _close(self) -> None:
        for folder in self._folders.values():
            if folder.syncer is not None:
                folder.syncer.close()
                folder.syncer = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def _tidy(self) -> None:
        """Once in a while, when nothing has happened for some time."""
        if self._store is None or self._untidy < UNTIDY or time.monotonic() - self._worked < CALM_S:
            return
        self._untidy = 0
        with contextlib.suppress(StoreError):
            self._store.tidy()


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _yield_to_others() -> None:
    """Whatever else wants the processor goes first; the parsers that this thread starts inherit that."""
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "linux":  # where priorities are of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        elif sys.platform != "win32":
            os.nice(5)
