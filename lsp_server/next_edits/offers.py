"""What was offered, and what became of it: told by the client, or else seen in the changes that follow.

    offered -> shown -> accepted -> kept | not kept, after a minute
                    |-> partly        a part of it was accepted or typed, and then something else
                    |-> rejected      something else was done at its place, or the user said so
                    |-> undone        accepted, and taken back
                    |-> ignored       the user went on elsewhere
             |-> unseen               replaced before anybody could see it, or by a better one for the same
                                      line; not recorded

Loop thread only.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from completion.typed_through import after_typing
from lsp_server.documents import DocumentStore
from text.document import Document
from text.edits import Edit, apply

SEEN_S = 0.5
"""How long an edit must have been on offer to count as seen where the client does not tell."""

KEPT = 64
"""Offers whose id is still known."""

CLOSED = -1
"""The serial and the version of a document that is on disk alone."""


@dataclass(eq=False, slots=True)
class Offer:
    """One next edit, of `document` as it was at `serial`."""

    document: Document
    serial: int
    edit: Edit
    kind: str
    probability: float
    fingerprint: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    at: float = field(default_factory=time.monotonic)
    told_shown: bool = False
    partly: bool = False
    outdated: bool = False  # another document has changed since, and with it what the edit follows from
    outcome: str = ""

    @property
    def uri(self) -> str:
        """Of its document, as the client writes it."""
        return self.document.uri

    @property
    def is_jump(self) -> bool:
        """Whether it is a place to go to, without a text."""
        return self.edit == Edit(self.edit.start, self.edit.start, "")

    @property
    def is_closed(self) -> bool:
        """Whether it is of a file that was not open."""
        return self.serial == CLOSED

    @property
    def was_seen(self) -> bool:
        """Whether the user can have read it."""
        return self.told_shown or time.monotonic() - self.at >= SEEN_S

    def is_done(self, document: Document) -> bool:
        """Whether `document` is what the edit makes of its own; cheap where it is not."""
        start, end, new = self.edit.start, self.edit.end, self.edit.new
        return (
            len(document) == len(self.document) + len(new) - (end - start)
            and document.slice(start, start + len(new)) == new
            and document.text == apply(self.document.text, [self.edit])
        )


class Offers:
    """The one edit that is on offer now, and those before it. `settled` is told every outcome."""

    def __init__(self, documents: DocumentStore, settled: Callable[[Offer], None]) -> None:
        self.live: Offer | None = None
        self.last: Offer | None = None
        self._documents = documents
        self._settled = settled
        self._known: OrderedDict[str, Offer] = OrderedDict()
        self._accepted: Offer | None = None  # the last one, which may yet be undone

    def offer(self, offer: Offer) -> Offer:
        """Put an edit on offer in place of the one that was; the same edit again keeps its id and its age."""
        old = self.live
        if old is not None and old.fingerprint == offer.fingerprint and old.uri == offer.uri:
            offer.id, offer.at, offer.told_shown = old.id, old.at, old.told_shown
        elif old is not None:
            self._settle(old, "partly" if old.partly else "unseen" if _same_line(old, offer) else "ignored")
        self.live = self.last = offer
        self._known[offer.id] = offer
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return offer

    def current(self, offer: Offer) -> Edit | None:
        """The edit in its document as it is now, less what was typed of it; None where it fits no longer."""
        since = self._since(offer)
        return None if since is None else after_typing(offer.edit, since)

    @property
    def standing(self) -> Edit | None:
        """The edit on offer in its document as it is now, if nothing was done since but typing along it."""
        live = self.live
        since = self._since(live) if live and not live.outdated else None
        if live is None or since is None:
            return None
        along = all(live.edit.start <= edit.start <= live.edit.end for edit in since)
        return after_typing(live.edit, since) if along else None

    def _since(self, offer: Offer) -> tuple[Edit, ...] | None:
        """What was done in its document since; None where that is not known."""
        if not offer.is_closed:
            return self._documents.edits_since(offer.uri, offer.serial)
        now = self._documents.get(offer.uri)
        return () if now is None or _is(now.document, offer.document.text) else None

    def changed(self, uri: str, document: Document) -> bool:
        """The user has made a document into `document`; whether that is what was offered."""
        done, live = self._accepted, self.live
        if done is not None and done.uri == uri and _is(document, done.document.text):
            self._accepted = None
            done.outcome = ""
            self._settle(done, "undone")
        if done is not None and done.uri == uri and done.is_done(document):
            return True  # the client told of the accept before it told of the change
        if live is None or live.uri != uri:
            if live is not None:
                live.outdated = True
            return False
        if live.is_done(document):
            self._settle(live, "accepted")
            return True
        rest = self.current(live)
        if rest is None and self._documents.edits_since(uri, live.serial) is None:
            self._settle(live, "unseen")  # the whole text was sent: what was done in it is not known
        elif rest is None:
            self._settle(live, "partly" if live.partly else "rejected")
        elif len(rest.new) < len(live.edit.new):
            live.partly = True
        return False

    def closed(self, uri: str) -> None:
        """A document was closed."""
        if self.live is not None and self.live.uri == uri:
            self._settle(self.live, "ignored")

    def shown(self, id: str) -> None:
        """The client tells that it shows the edit."""
        if offer := self._known.get(id):
            offer.told_shown = True

    def partly_accepted(self, id: str) -> None:
        """The client tells that a part of it was accepted; the change itself comes with the document."""
        if offer := self._known.get(id):
            offer.told_shown = offer.partly = True

    def accepted(self, id: str) -> Offer | None:
        """The client tells that the user has accepted it; None where there is no such offer."""
        offer = self._known.get(id)
        if offer is not None and offer.outcome in ("", "ignored", "rejected", "unseen"):
            offer.outcome, offer.told_shown = "", True
            self._settle(offer, "accepted")
        return offer

    def rejected(self, id: str) -> Offer | None:
        """The client tells that the user does not want it."""
        offer = self._known.get(id)
        if offer is not None and not offer.outcome:
            offer.told_shown = True
            self._settle(offer, "rejected")
        return offer

    def _settle(self, offer: Offer, outcome: str) -> None:
        if self.live is offer:
            self.live = None
        if offer.outcome:
            return
        if outcome in ("accepted", "partly", "undone"):
            offer.told_shown = True
        offer.outcome = outcome if offer.was_seen else "unseen"
        if outcome == "accepted":
            self._accepted = offer
        self._settled(offer)


def _same_line(a: Offer, b: Offer) -> bool:
    """Whether two offers stand on one line: then typing on has made one of the other, and nobody chose."""
    return a.uri == b.uri and a.document.position(a.edit.start).line == b.document.position(b.edit.start).line


def _is(document: Document, text: str) -> bool:
    """Whether a document holds exactly `text`; cheap where it does not."""
    return len(document) == len(text) and document.text == text
