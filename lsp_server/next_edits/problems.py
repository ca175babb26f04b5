"""What other servers say is wrong in the open documents, as the clients pass it on, and since when.

A diagnostic that comes back within a minute was there all along: servers drop theirs while a text does not
parse. Tacit's own findings are not taken: what follows from a guess would be a guess twice. Loop thread only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lsp_server.documents import DocumentStore, Place, Snapshot
from lsp_server.next_edits.wire import Diagnostic
from text.document import Document
from text.edits import Edit, rebase

MOST = 100
"""Diagnostics of one document, the most severe first."""

LONGEST = 400
"""Characters of a message, from its start; and of a range, which otherwise counts as its start."""

GONE_S = 60.0
"""After so long without it, a diagnostic that comes back is a new one."""

KNOWN = 1000
"""Diagnostics of one document whose first time is known."""

UNNECESSARY = 1
"""LSP's DiagnosticTag for what is unused; some servers say it in words alone."""

_UNUSED = re.compile(r"unused|unnecessary|not used|never (?:used|read)|not accessed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A diagnostic at [start, end) of its document, which appeared at `since` on the monotonic clock."""

    start: int
    end: int
    message: str
    unused: bool
    since: float

    def after(self, edits: Sequence[Edit]) -> Mark | None:
        """The same in the text after `edits`; None where they changed its range."""
        moved = rebase(Edit(self.start, self.end, ""), edits)
        return replace(self, start=moved.start, end=moved.end) if moved else None


_Key = tuple[str, str]  # a message, and the text that it is about


@dataclass(slots=True)
class _Told:
    serial: int
    marks: tuple[Mark, ...]
    seen: dict[_Key, tuple[float, float]]  # first and last


class Problems:
    """By the documents' URIs."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._told: dict[str, _Told] = {}

    def tell(
        self, uri: str, version: int | None, diagnostics: Iterable[Diagnostic], *, whole: bool = True
    ) -> None:
        """A client passes on the diagnostics of a document: all of them, or with `whole` false some.

        For another version than the document's they are dropped, as it is not known where they stand.
        """
        snapshot = self._documents.get(uri)
        if snapshot is None or version not in (None, snapshot.document.version):
            return
        before = self._told.get(uri)
        seen = before.seen if before else {}
        found = list(self._marks(snapshot, diagnostics, seen))
        if not whole:
            found += [each for each in self.of(uri) if each not in found]
        while len(seen) > KNOWN:
            del seen[next(iter(seen))]
        self._told[uri] = _Told(snapshot.serial, tuple(found[:MOST]), seen)

    def of(self, uri: str) -> tuple[Mark, ...]:
        """What is known to be wrong in the document as it is now, less what was changed since."""
        told = self._told.get(uri)
        edits = self._documents.edits_since(uri, told.serial) if told else None
        if told is None or edits is None:
            return ()
        moved = (each.after(edits) for each in told.marks)
        return tuple(each for each in moved if each is not None)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._told.pop(uri, None)

    def _marks(
        self, snapshot: Snapshot, diagnostics: Iterable[Diagnostic], seen: dict[_Key, tuple[float, float]]
    ) -> Iterator[Mark]:
        now, document = time.monotonic(), snapshot.document
        others = [each for each in diagnostics if (each.source or "").lower() != "tacit"]
        for each in sorted(others, key=lambda each: each.severity or 1)[:MOST]:
            start, end = self._range(document, each)
            message = each.message[:LONGEST]
            key = message, document.slice(start, end)
            first, last = seen.pop(key, (now, now))
            since = first if now - last <= GONE_S else now
            seen[key] = since, now
            unused = UNNECESSARY in (each.tags or ()) or bool(_UNUSED.search(message))
            yield Mark(start, end, message, unused, since)

    def _range(self, document: Document, diagnostic: Diagnostic) -> tuple[int, int]:
        """Offsets; the end of a wide range counts as its start, since it says little about where."""
        ends = diagnostic.range.start, diagnostic.range.end
        start, end = (self._documents.offset(document, Place(at.line, at.character)) for at in ends)
        return start, end if start <= end <= start + LONGEST else start
