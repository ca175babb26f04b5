"""The open documents, as the editor has them; pygls's own copies break lines where LSP does not.

A document that can no longer be what the editor shows is *lost*: after one log line it is answered with
silence, until the editor opens it anew or sends its whole text.
Loop thread only; a Snapshot may go anywhere.
"""

from __future__ import annotations

import collections
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from text.document import Document
from text.edits import Edit, merge
from text.languages import language_of
from text.positions import Encoding, Position, column_from_units

log = logging.getLogger("tacit.documents")

REMEMBERED = 64
"""Changes per document over which an answer can still be rebased."""


_URI = re.compile(r"(?:[A-Za-z][\w+.-]*:)?(?://[^/?#]*)?(?P<path>[^?#]*)")


class Place(NamedTuple):
    """LSP's position: a line and a column in units of the encoding that was agreed on."""

    line: int
    units: int


@dataclass(frozen=True, slots=True)
class Change:
    """One of LSP's content changes; without `start` and `end` the whole text is replaced."""

    text: str
    start: Place | None = None
    end: Place | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document at one moment.

    `serial` grows with each change, while clients' versions may do as they like.
    """

    document: Document
    serial: int


@dataclass(slots=True)
class _Open:
    document: Document
    language_id: str
    serial: int = 0
    lost: bool = False
    cursor: int = 0  # where the last edit or request was: the best guess of where the next one will be
    history: collections.deque[tuple[int, Edit]] = field(
        default_factory=lambda: collections.deque(maxlen=REMEMBERED)
    )


class DocumentStore:
    """By URI, exactly as the client writes it."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, _Open] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, uri: str, language_id: str, version: int, text: str) -> None:
        """The editor shows a document. One that is open already is replaced."""
        language = language_of(language_id, path_of(uri))
        self._open[uri] = _Open(Document.create(uri, text, version, language), language_id)

    def close(self, uri: str) -> None:
        """The editor no longer shows it."""
        if self._open.pop(uri, None) is None:
            log.warning("closed a document that was not open")

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> bool:
        """Apply changes in order, each to the outcome of the one before.

        Returns whether the document is usable. Versions are taken as they come: the order of the messages is
        what a pipe can be trusted with.
        """
        entry = self._open.get(uri)
        if entry is None:
            log.warning("changed a document that is not open")
            return False
        if version <= entry.document.version:
            log.debug("version %d follows %d", version, entry.document.version)
        for change in changes:
            self._apply(entry, version, change)
        return not entry.lost

    def uris(self) -> list[str]:
        """Of all that are open."""
        return list(self._open)

    def uris_by_path(self) -> dict[str, str]:
        """The same by the paths of the files."""
        return {os.path.normpath(path_of(uri)): uri for uri in self._open if uri.startswith("file:")}

    def get(self, uri: str) -> Snapshot | None:
        """The document as it is now; None where it is not open or was lost."""
        entry = self._open.get(uri)
        return None if entry is None or entry.lost else Snapshot(entry.document, entry.serial)

    def snapshots(self) -> tuple[dict[str, Snapshot], frozenset[str]]:
        """All documents as they are now, and the URIs of those that were lost."""
        usable = {uri: each for uri, each in self._open.items() if not each.lost}
        found = {uri: Snapshot(each.document, each.serial) for uri, each in usable.items()}
        return found, frozenset(self._open.keys() - usable.keys())

    def is_lost(self, uri: str) -> bool:
        """Whether it is open, but no longer what the editor shows."""
        entry = self._open.get(uri)
        return entry is not None and entry.lost

    def language_id(self, uri: str) -> str:
        """The editor's name for the document's language; empty where it is not open."""
        entry = self._open.get(uri)
        return entry.language_id if entry else ""

    def edits_since(self, uri: str, serial: int) -> tuple[Edit, ...] | None:
        """What happened to the document since a snapshot, as one edit list; None where that is not known."""
        entry = self._open.get(uri)
        if entry is None or entry.lost:
            return None
        steps = [edit for at, edit in entry.history if at >= serial]
        if len(steps) != entry.serial - serial:
            return None  # forgotten, replaced as a whole, or opened anew
        edits: tuple[Edit, ...] = ()
        for step in steps:
            edits = merge(edits, (step,))
        return edits

    def cursor(self, uri: str) -> int:
        """Where the user was last seen in the document, as an offset."""
        entry = self._open.get(uri)
        return min(entry.cursor, len(entry.document)) if entry else 0

    def note_cursor(self, uri: str, offset: int) -> None:
        """The user was seen at `offset`."""
        entry = self._open.get(uri)
        if entry is not None:
            entry.cursor = offset

    def edit(self, document: Document, change: Change) -> Edit | None:
        """Ours for a change with a range; None where that cannot be a range of the document."""
        # One line beyond the last is what some editors call the end of the text.
        if change.start is None or change.end is None or change.end.line > document.line_count:
            return None
        first, last = self.offset(document, change.start), self.offset(document, change.end)
        return Edit(first, last, change.text) if change.start <= change.end else None

    def offset(self, document: Document, place: Place) -> int:
        """The offset of LSP's position; clamped to its line, and to the text."""
        if place.line >= document.line_count:
            return len(document)
        column = column_from_units(document.line(place.line), place.units, self.encoding)
        return document.offset(Position(place.line, column))

    def _apply(self, entry: _Open, version: int, change: Change) -> None:
        document = entry.document
        if change.start is None:
            entry.document = Document.create(document.uri, change.text, version, document.language)
            entry.history.clear()
            entry.lost = False
        elif entry.lost:
            return
        elif edit := self.edit(document, change):
            entry.document = document.apply((edit,), version)
            entry.history.append((entry.serial, edit))
            entry.cursor = edit.start + len(edit.new)
        else:
            entry.lost = True
            log.warning("a change does not fit its document, which stays silent until it is opened anew")
        entry.serial += 1


def path_of(uri: str) -> str:
    """The path that a URI names, with `/` between its parts.

    For other schemes than `file` the URI's own path.
    """
    match = _URI.match(uri)
    path = unquote(match["path"], errors="replace") if match else ""
    return path[1:] if path[2:3] == ":" else path  # file:///c:/x
