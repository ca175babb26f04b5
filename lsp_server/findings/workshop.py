"""The detector and what it needs, imported when first wanted. Any thread may use it, but not the loop's."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bug_finder import cache, words
from bug_finder.cache import Cache
from bug_finder.choose import Wish, choose, why_none
from bug_finder.detect import Detector
from bug_finder.dismissed import Dismissed, project_of
from bug_finder.examine import Examined, examine
from bug_finder.finding import Finding
from bug_finder.fingerprint import fingerprint
from bug_finder.mend import mend
from bug_finder.reasons import Reason
from bug_finder.review import Span, touched
from bug_finder.risk import level
from bug_finder.source import judge
from engine.cancel import CancelToken
from lsp_server.findings.marks import Mark, Reading

log = logging.getLogger("tacit.bugs")


@dataclass(frozen=True, slots=True)
class Task:
    """A text that is to be examined; `path` as its project calls it, `project` the folder of that."""

    text: str
    language: str
    path: str
    project: Path
    wish: Wish
    changed: tuple[Span, ...] | None = None  # only what these touch


class Workshop:
    """Reads texts, one after another."""

    def __init__(self) -> None:
        """Load the detector; raises what that raises."""
        self._detector = Detector.load()
        self._cache = Cache(cache.path())
        self._dismissed: dict[Path, Dismissed] = {}
        self._lock = threading.Lock()

    def read(self, task: Task, cancel: CancelToken) -> Reading:
        """Examine a text, unless it is one that nobody reads. Raises Cancelled."""
        began = time.perf_counter()
        if reason := judge(task.text, task.path, task.language):
            return Reading(reason=reason)
        finder = self._detector.at(task.wish.precision, task.wish.dangerous)
        examined = examine(finder, self._cache, task.text, task.language, cancel)
        made = self._choose(task, examined)
        return replace(made, ms=round((time.perf_counter() - began) * 1000, 1))

    def dismissed(self, project: Path) -> Dismissed | None:
        """The project's record; None where the disk fails."""
        with self._lock:
            if project not in self._dismissed:
                try:
                    self._dismissed[project] = Dismissed(project)
                except (OSError, sqlite3.Error) as error:
                    log.warning("nothing can be dismissed: %s", type(error).__name__)
                    return None
            return self._dismissed[project]

    def close(self) -> None:
        """Let go of the files."""
        self._cache.close()
        with self._lock:
            for each in self._dismissed.values():
                with contextlib.suppress(sqlite3.Error):
                    each.close()

    def _choose(self, task: Task, examined: Examined) -> Reading:
        if examined.reason is not None:
            return Reading(reason=examined.reason)
        text, findings = task.text, examined.findings
        spans = None if task.changed is None else touched(task.changed, examined.functions)
        record = self.dismissed(project_of(task.project))
        chosen = choose(findings, text, task.language, task.wish, () if record is None else record, spans)
        if examined.broken:
            chosen.hidden[Reason.BROKEN] += examined.broken
        return Reading(
            marks=_marks(chosen.shown, task),
            dismissed=_marks(chosen.dismissed, task),
            hidden=chosen.hidden,
            reason=None if chosen.shown else why_none(chosen),
            detail=_detail(findings, task.wish),
            functions=len(examined.functions),
            read=examined.read,
        )


def _marks(findings: Sequence[Finding], task: Task) -> tuple[Mark, ...]:
    made = []
    for each in findings:
        if each.replacement is not None and mend(each, task.text, task.language) is None:
            each = replace(each, replacement=None)  # no fix is better than a wrong one
        name = fingerprint(each, task.text)
        said = words.message(each, task.text)
        proposed = words.proposal(each, task.text)
        made.append(Mark(each, name, level(each, task.text, task.path), said, proposed))
    return tuple(made)


def _detail(findings: Sequence[Finding], wish: Wish) -> str:
    """How near the best one came, for `tacit why`."""
    best = max((each.probability for each in findings), default=None)
    return "" if best is None else f"the most probable: {best:.0%}; wanted: {wish.precision:.0%}"
