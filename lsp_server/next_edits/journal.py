"""The workspace's history, written off the loop thread: comparing two versions of a file costs O(file)."""

from __future__ import annotations

import collections
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from completion.history import History
from completion.next_edit.moment import Change
from lsp_server.logs import place_of
from text.document import Document

log = logging.getLogger("tacit.next_edits")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a document, at `at` seconds of the monotonic clock."""

    path: str
    before: Document
    after: Document
    at: float
    by_model: bool = False
    size: int = 0  # characters that came and went


class Journal:
    """What was changed, in order. `add` is for the loop thread; what takes long is not."""

    def __init__(self) -> None:
        self._steps: collections.deque[Step] = collections.deque()
        self._history = History()
        self._undone = False
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None

    def add(self, step: Step) -> None:
        """Take note of a change, soon."""
        self._steps.append(step)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="tacit-history")
        if len(self._steps) == 1:
            self._thread.submit(self._digest)

    def changes(self) -> tuple[tuple[Change, ...], bool]:
        """The last edits, oldest first, and whether the last thing done was to undo or redo some."""
        self._digest()
        with self._lock:
            return self._history.changes(), self._undone

    def since(self, edits: int) -> float:
        """When the oldest of the last `edits` edits was begun, in seconds of the monotonic clock."""
        with self._lock:
            return self._history.since(edits)

    def close(self) -> None:
        """Let the thread end; what is not written down yet is of no use any more."""
        self._steps.clear()
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    def _digest(self) -> None:
        with self._lock:
            while self._steps:
                self._write_down(self._steps[0])
                self._steps.popleft()

    def _write_down(self, step: Step) -> None:
        before, after = step.before.text, step.after.text
        try:
            kind = self._history.record(step.path, before, after, step.at, by_model=step.by_model)
        except Exception as error:  # one edit less is known; the next ones must not be lost as well
            log.error("the history failed: %s at %s", type(error).__name__, place_of(error))
            self._history.forget(step.path)
            return
        # Taking back a single character is how people type.
        self._undone = kind in ("undo", "redo") and step.size > 1


def change_of(path: str, before: Document, after: Document, start: int, end: int, new: str) -> Change:
    """The lines that replacing `start` to `end` of `before` by `new` changes, as an edit of the model's."""
    first = before.position(start).line
    last = before.position(end).line
    now = after.position(start + len(new)).line
    old_lines, new_lines = _lines(before, first, last + 1), _lines(after, first, now + 1)
    head = _common(old_lines, new_lines)
    tail = _common(old_lines[head:][::-1], new_lines[head:][::-1])
    start_line, end_line = first + head, now + 1 - tail
    return Change(
        path,
        start_line + 1,
        old_lines[head : len(old_lines) - tail],
        new_lines[head : len(new_lines) - tail],
        _lines(after, start_line - 3, start_line),
        _lines(after, end_line, end_line + 3),
        by_model=True,
    )


def lines_of(document: Document) -> list[str]:
    """All lines without their endings; none behind the last line end."""
    lines = [document.line(index).rstrip("\r\n") for index in range(document.line_count)]
    return lines[:-1] if lines[-1] == "" else lines


class Lines:
    """The lines of documents, kept from one request to the next. For one thread."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Document, list[str]]] = {}

    def of(self, documents: Mapping[str, Document]) -> dict[str, list[str]]:
        """The lines of each document under its key; others are forgotten."""
        self._kept = {
            key: kept
            if (kept := self._kept.get(key)) and kept[0] is document
            else (document, lines_of(document))
            for key, document in documents.items()
        }
        return {key: lines for key, (_, lines) in self._kept.items()}


def _lines(document: Document, first: int, end: int) -> tuple[str, ...]:
    return tuple(
        document.line(index).rstrip("\r\n") for index in range(max(first, 0), min(end, document.line_count))
    )


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    return count
