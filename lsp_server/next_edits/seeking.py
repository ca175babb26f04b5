"""Looking for the next edit, on the lanes' thread: from documents and history to an edit or a silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from completion.filter import holds_secret
from completion.next_edit.ensemble import JUMP, NextEdit, next_edit
from completion.next_edit.gate import threshold
from completion.next_edit.moment import Change, Moment, Problem
from completion.next_edit.proposal import as_edit
from completion.next_edit.renamed import Renamed, renamed
from completion.next_edit.replay import CHANGES
from completion.next_edit.writing import Writer, writer_for
from completion.reasons import Reason, Silence
from engine.cancel import CancelToken
from engine.errors import RemoteFailed
from engine.model import Model
from lsp_server.next_edits.journal import Journal, Lines, change_of
from lsp_server.next_edits.problems import Mark
from lsp_server.next_edits.wire import smallest
from text.document import Document
from text.edits import Edit
from text.positions import Position
from text.syntax import parse

ANY = 1e-6
"""A wanted precision that every text reaches; 0 would also ask for places without one."""

NAMES = 3
"""Renamed definitions whose uses are looked for."""

LEAST = 0.02
"""What is less probable than this is shown to nobody, not even to who asks."""

LONGEST = 20_000
"""Lines of a document that is searched."""


@dataclass(frozen=True)
class Taste:
    """What this user wants to see."""

    precision: float
    jumps: bool  # also to a place where no text is likely
    scopes_off: frozenset[str]
    formatting: bool
    correction: Callable[[str, float], float]
    rejected: frozenset[str]
    fingerprint: Callable[[str, str, str], str]


@dataclass(frozen=True)
class State:
    """Documents by the paths that the model sees, and where the user is: in `path`, at `cursor`.

    `accepted` is an edit that is in the documents and not yet in the history: what is looked for then is
    what comes after it. `rested`: no key was pressed for a while.
    """

    documents: Mapping[str, Document]
    path: str
    cursor: int
    problems: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    accepted: tuple[Change, ...] = ()
    rested: bool = False

    def after(self, path: str, edit: Edit) -> State:
        """The state once `edit` of `path` was accepted."""
        before = self.documents[path]
        after = before.apply((edit,), before.version + 1)
        change = change_of(path, before, after, edit.start, edit.end, edit.new)
        moved = (each.after((edit,)) for each in self.problems.get(path, ()))
        return State(
            {**self.documents, path: after},
            path,
            edit.start + len(edit.new),
            {**self.problems, path: tuple(each for each in moved if each)},
            (*self.accepted, change),
        )


@dataclass(frozen=True)
class Found:
    """A next edit of `document`, which is at `path`."""

    document: Document
    path: str
    edit: Edit
    kind: str
    probability: float
    fingerprint: str


class Seeker:
    """Keeps what makes the next search cheap. For the lanes' thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lines = Lines()
        self._kept: tuple[Model, Writer | None] | None = None
        self.renamed: tuple[Renamed, ...] = ()
        """The definitions that the user was renaming at the last search, the latest first."""

    def seek(
        self, state: State, taste: Taste, model: Model | None, cancel: CancelToken, deadline: float
    ) -> Found | Silence:
        """The next edit that this user wants to see; without a word of the model's where it has no time."""
        changes, undone = self._journal.changes()
        self.renamed = tuple(islice(renamed((*changes, *state.accepted)), NAMES))
        if undone and not state.accepted:
            return Silence(Reason.UNDONE)
        cancel.check()
        documents = {
            path: document
            for path, document in state.documents.items()
            if document.line_count <= LONGEST or path == state.path
        }
        here = documents[state.path]
        cursor = here.position(state.cursor)
        files = self._lines.of(documents)
        moment = Moment(
            files=files,
            changes=(*changes, *state.accepted),
            path=state.path,
            line=cursor.line + 1,
            problems=_problems(state, files, self._journal.since(CHANGES)),
            column=cursor.column,
            rested=state.rested,
        )
        # The gate's probability is corrected before it is compared, so the ensemble gives its best whatever
        # it thinks of it.
        precision = 0 if taste.jumps else ANY
        try:
            best = next_edit(moment, precision, writer=self._writer(model), cancel=cancel, deadline=deadline)
        except RemoteFailed:
            best = next_edit(moment, precision, cancel=cancel, deadline=deadline)
        cancel.check()
        return best if isinstance(best, Silence) else _judged(best, state, documents, taste)

    def _writer(self, model: Model | None) -> Writer | None:
        if model is None:
            return None
        if self._kept is None or self._kept[0] is not model:
            self._kept = model, writer_for(model)
        return self._kept[1]


def _judged(best: NextEdit, state: State, documents: Mapping[str, Document], taste: Taste) -> Found | Silence:
    proposal = best.proposal
    document = documents[proposal.path]
    if proposal.kind == JUMP:
        place = document.offset(Position(proposal.start - 1, 0))
        return Found(document, proposal.path, Edit(place, place, ""), JUMP, best.probability, "")
    probability = taste.correction(proposal.kind, best.probability)
    if probability < (threshold(taste.precision, best.thresholds) if taste.precision else LEAST):
        return Silence(Reason.UNLIKELY, f"{probability:.2f}, {proposal.kind}")
    whole = as_edit(proposal, document.text)
    old = document.slice(whole.start, whole.end)
    fingerprint = taste.fingerprint(proposal.path, old, whole.new)
    if fingerprint in taste.rejected:
        return Silence(Reason.REJECTED)
    if not taste.formatting and "".join(old.split()) == "".join(whole.new.split()):
        return Silence(Reason.FORMATTING)
    if holds_secret(whole.new) and not holds_secret(old):
        return Silence(Reason.SECRET)
    edit = smallest(document, whole, state.cursor if proposal.path == state.path else None)
    if taste.scopes_off and _scope(document, edit) in taste.scopes_off:
        return Silence(Reason.SCOPE_OFF)
    return Found(document, proposal.path, edit, proposal.kind, probability, fingerprint)


def _problems(state: State, files: Mapping[str, Sequence[str]], since: float) -> list[Problem]:
    """What was found wrong since then, by lines."""
    found = []
    for path, marks in state.problems.items():
        document, lines = state.documents[path], files.get(path, ())
        for mark in marks:
            (line, start), (last, end) = document.position(mark.start), document.position(mark.end)
            if mark.since >= since and line < len(lines):
                end = end if last == line else start
                found.append(Problem(path, line + 1, start, end, mark.message, mark.unused))
    return found


def _scope(document: Document, edit: Edit) -> str:
    syntax = parse(document.text, document.language)
    return syntax.scope(edit.start) if syntax else "code"
