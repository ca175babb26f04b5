"""Next edits of one connection: what is on offer, what comes after it, and when to be quiet.

    didChange -> journal, quiet, offers          request -> the live offer | the queue | a search -> offer
                                                 offer -> a search for what comes after it -> the queue

The queue is one search deep: the state after the offer was accepted. It is thrown away when something else
is typed. Loop thread only; searches are jobs in the next-edit lane.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from completion.reasons import Reason, Silence
from completion.typed_through import after_typing
from engine.cancel import CancelToken
from engine.lanes import Lane
from lsp_server.documents import Snapshot, path_of
from lsp_server.feedback import Event, Feedback
from lsp_server.next_edits.closed import ClosedFiles
from lsp_server.next_edits.journal import Journal, Step
from lsp_server.next_edits.offers import Offer, Offers
from lsp_server.next_edits.problems import Problems
from lsp_server.next_edits.quiet import Quiet
from lsp_server.private import is_private
from text.document import Document
from text.edits import Edit
from text.matching import common_prefix, common_suffix

if TYPE_CHECKING:
    from completion.next_edit.renamed import Renamed
    from lsp_server.next_edits.seeking import Found, Seeker, State, Taste
    from lsp_server.server import Server

log = logging.getLogger("tacit.next_edits")

AHEAD_MS = 1000
"""How long the model may take over what comes after an offer."""

LONG_REST_MS = 600
"""After so long without a key what was typed is thought whole."""

KEPT_S = 60.0
"""After so long it is noted whether an accepted edit is still there."""

_KEY = 2  # characters that come or go with one key: a bracket brings its partner


@dataclass(frozen=True)
class Queued:
    """The search for what comes after an offer: once `document` stands at `uri`, and all else stayed."""

    uri: str
    document: Document
    others: Mapping[str, int]  # serials
    across: bool
    job: Future[Found | Silence]


class Ghost(NamedTuple):
    """Ghost text that is shown in a document at `serial`."""

    uri: str
    serial: int
    edit: Edit


class NextEdits:
    """See the module. `server` is asked for documents, settings and lanes."""

    def __init__(self, server: Server) -> None:
        self.quiet = Quiet()
        self.feedback = Feedback()
        self.journal = Journal()
        self.offers = Offers(server.documents, self._settled)
        self.problems = Problems(server.documents)
        self.ghost: Ghost | None = None
        self._taken: tuple[Document, Edit] | None = None
        self.latest = ""
        """The document that the user was seen in last."""
        self.jumped_to = ""
        """The id of the offer that the cursor was moved to."""
        self.again: Offer | None = None
        """What the user wants to see once more."""
        self.reminder: asyncio.TimerHandle | None = None
        """Has the editor ask again after a rejection."""
        self._server = server
        self._paths: dict[str, str] = {}
        self._queued: Queued | None = None
        self._seeker: Seeker | None = None
        self._refreshed = 0.0
        self.closed_files = ClosedFiles(server)
        self._typed_at = -math.inf

    # What the client tells

    def configure(self) -> None:
        """Take over the settings; the record is opened with the first."""
        on = self._server.config.learn and self._server.config.next_edits
        self.feedback.open(self._server.client.roots[0] if self._server.client.roots else "", on=on)

    def changed(self, uri: str, before: Snapshot | None) -> None:
        """A document was changed; until then it was `before`."""
        now = self._server.documents.get(uri)
        if before is None or now is None or self._is_private(uri):
            return
        edits = self._server.documents.edits_since(uri, before.serial)
        if edits is None:  # as a whole: the smallest part that holds all differences is near enough
            edits = (_difference(before.document.text, now.document.text),)
        self.again, self.latest = None, uri
        if self._queued is not None and not self._leads_to(self._queued, uri, now.document):
            self.forget_queue()
        taken = self._settle_ghost(uri, before, edits)
        made = self.offers.changed(uri, now.document)
        if not made and not taken:
            self.quiet.changed(before.document, edits)
        size = sum(len(edit.new) + edit.end - edit.start for edit in edits)
        if taken:
            self._typed_at = -math.inf  # what it completes is whole
        elif size <= _KEY and not made:
            self._typed_at = time.monotonic()
        # Ghost text that was taken is part of what was being typed; a next edit is one by itself.
        step = Step(self.path(uri), before.document, now.document, time.monotonic(), by_model=made, size=size)
        self.journal.add(step)

    def _settle_ghost(self, uri: str, before: Snapshot, edits: tuple[Edit, ...]) -> bool:
        """Note what became of the ghost text by these edits; whether they took it."""
        ghost = self.ghost
        if ghost is None or ghost[:2] != (uri, before.serial):
            return False
        taken = edits == (ghost.edit,)
        if taken:
            self._taken = before.document, ghost.edit
            self._server.status.settle("ghost-text", "accepted")
        elif after_typing(ghost.edit, edits) is None:
            self._server.status.settle("ghost-text", "ignored")
        return taken

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self.offers.closed(uri)
        self.problems.closed(uri)
        self.forget_queue()

    def close(self) -> None:
        """The connection ends."""
        self.forget_queue()
        if self.reminder is not None:
            self.reminder.cancel()
        self.journal.close()
        self.feedback.close()

    # What is asked

    @property
    def rested_ms(self) -> float:
        """How long ago a key last wrote a character or took one away."""
        return (time.monotonic() - self._typed_at) * 1000

    def serials(self, but: str = "") -> dict[str, int]:
        """The state of each document, but of one."""
        snapshots = self._server.documents.snapshots()[0]
        return {uri: each.serial for uri, each in snapshots.items() if uri != but}

    def path(self, uri: str) -> str:
        """The document's path as the model sees it; each document has its own."""
        if uri not in self._paths:
            path = self._server.shown_path(uri)
            self._paths[uri] = path if path not in self._paths.values() else path_of(uri)
        return self._paths[uri]

    def uri(self, path: str) -> str:
        """The document at a path of ours."""
        return next(uri for uri, each in self._paths.items() if each == path)

    def state(
        self,
        uri: str,
        document: Document,
        cursor: int,
        *,
        across: bool,
        closed: Mapping[str, Document] = MappingProxyType({}),
    ) -> State:
        """What there is to search: the document, `closed` ones and, with `across`, all that are open."""
        from lsp_server.next_edits.seeking import State

        documents = {self.path(each): other for each, other in closed.items()}
        documents[self.path(uri)] = document
        problems = {self.path(uri): self.problems.of(uri)}
        if across:
            for other, snapshot in self._server.documents.snapshots()[0].items():
                if other != uri and not self._server.unwanted(other):
                    documents[self.path(other)] = snapshot.document
                    problems[self.path(other)] = self.problems.of(other)
        return State(documents, self.path(uri), cursor, problems, rested=self.rested_ms >= LONG_REST_MS)

    def taste(self, *, wanted: bool, jumps: bool = False) -> Taste:
        """What the user wants to see; `wanted`: they asked, so that the best is shown whatever it is."""
        from lsp_server.next_edits.seeking import Taste

        config = self._server.config
        if time.monotonic() - self._refreshed > 5:
            self._refreshed = time.monotonic()
            self.feedback.refresh()
        return Taste(
            precision=0.0 if wanted else config.precision,
            jumps=jumps,
            scopes_off=frozenset(config.scopes_off),
            formatting=config.formatting_edits,
            correction=self.feedback.correction,
            rejected=frozenset() if wanted else self.feedback.rejected,
            fingerprint=self.feedback.fingerprint,
        )

    def search(
        self, state: State, taste: Taste, key: str, budget_ms: float = AHEAD_MS
    ) -> Future[Found | Silence]:
        """Look for the next edit in the next-edit lane. The latest search of a key is the one."""
        ready, deadline = self._server.host.ready, time.monotonic() + budget_ms / 1000

        def work(cancel: CancelToken) -> Found | Silence:
            return self.seeker().seek(state, taste, ready.model if ready else None, cancel, deadline)

        return self._server.lanes.submit(Lane.NEXT_EDIT, key, work)

    def seeker(self) -> Seeker:
        """What searches; made at rest, since the first search would wait for it. For the lanes' thread."""
        if self._seeker is None:
            from completion.next_edit.gate import weights
            from lsp_server.next_edits.seeking import Seeker

            weights()
            self._seeker = Seeker(self.journal)
        return self._seeker

    def look_ahead(self, offer: Offer, state: State, taste: Taste, *, across: bool) -> None:
        """Search for what comes after `offer`, which is of `state`, while the user looks at it."""
        self.forget_queue()
        path = self.path(offer.uri)
        if state.documents.get(path) is not offer.document:
            return
        after = state.after(path, offer.edit)
        self._queued = Queued(
            offer.uri,
            after.documents[path],
            self.serials(offer.uri),
            across,
            self.search(after, taste, "ahead"),
        )

    @property
    def renamed(self) -> tuple[Renamed, ...]:
        """The definitions that the user was renaming at the last search, the latest first."""
        return self._seeker.renamed if self._seeker else ()

    def keep(self, job: Future[Found | Silence], uri: str, document: Document, *, across: bool) -> None:
        """Have a search of `document` that goes on answer the next request, if all stays as it is."""
        self.forget_queue()
        self._queued = Queued(uri, document, self.serials(uri), across, job)

    def queued(self, uri: str, document: Document, *, across: bool) -> Future[Found | Silence] | None:
        """The search for what comes next in `document`, if it was begun before; no longer queued."""
        queued = self._queued
        if queued is None or queued.across != across or not self._leads_to(queued, uri, document):
            return None
        if queued.others != self.serials(uri):
            return None
        self._queued = None
        return queued.job

    def forget_queue(self) -> None:
        """Something else was done than what was foreseen."""
        if self._queued is not None:
            self._queued.job.cancel()
            self._queued = None

    def taken_back(self, document: Document, cursor: int) -> bool:
        """Whether ghost text that was accepted here is gone again, by undo or by hand."""
        if self._taken is None:
            return False
        before, edit = self._taken
        here = document.uri == before.uri and edit.start <= cursor <= edit.end
        return here and len(document) == len(before) and document.text == before.text

    def sleeping(self) -> Silence | None:
        """Why nothing at all is suggested, where the user said so."""
        left = self.quiet.asleep_s
        return Silence(Reason.SNOOZED, f"for another {left / 60:.0f} min") if left else None

    # What became of it

    def _settled(self, offer: Offer) -> None:
        log.debug("next edit %s: %s", offer.id, offer.outcome)
        self._server.status.settle("next-edit", offer.outcome)
        if offer.outcome == "unseen":
            return
        if offer.outcome in ("rejected", "undone"):
            self.quiet.rejected()
        elif offer.outcome in ("accepted", "partly"):
            self.quiet.accepted()
        event = Event(
            id=offer.id,
            at=time.time(),
            project="",
            language=offer.document.language,
            kind=offer.kind,
            probability=round(offer.probability, 4),
            lines=max(offer.edit.new.count("\n"), 1),
            seconds=round(time.monotonic() - offer.at, 2),
            outcome=offer.outcome,
        )
        self.feedback.record(event, offer.fingerprint)
        if offer.outcome == "accepted":
            asyncio.get_running_loop().call_later(KEPT_S, self._note_whether_kept, offer)

    def _note_whether_kept(self, offer: Offer) -> None:
        snapshot = self._server.documents.get(offer.uri)
        if offer.outcome != "accepted" or snapshot is None:
            return
        lines = {line.strip() for line in offer.edit.new.splitlines() if line.strip()}
        there = "\n" + snapshot.document.text
        self.feedback.keep(offer.id, all(line in there for line in lines))

    def _leads_to(self, queued: Queued, uri: str, document: Document) -> bool:
        after = queued.document
        return uri == queued.uri and len(document) == len(after) and document.text == after.text

    def _is_private(self, uri: str) -> bool:
        return is_private(path_of(uri), self._server.config.files_off)


def _difference(old: str, new: str) -> Edit:
    """The smallest single edit from one text to the other."""
    head = common_prefix(old, new)
    tail = common_suffix(old, new, spare=head)
    return Edit(head, len(old) - tail, new[head : len(new) - tail])
