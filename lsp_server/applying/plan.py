"""From a sketch and the workspace to a change of all its files, or to the reasons for which none is changed.

Blocking, for a thread of its own: it reads files and imports what is heavy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from apply.apply import Applied, Guess, Refused, Report, apply_blocks
from apply.formats.answer import same_file
from engine.cancel import CancelToken
from lsp_server.applying.difference import unified
from lsp_server.applying.files import Desk, File, FileRefused
from lsp_server.applying.hunks import Hunk, breaks_alone, hunks
from lsp_server.applying.params import ApplyParams
from lsp_server.applying.sketches import NoSketchError, Sketched, sketches
from lsp_server.documents import path_of


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is to become of one file, and in which parts."""

    file: File
    hunks: tuple[Hunk, ...]
    after: str
    confidence: float
    report: Report

    @property
    def difference(self) -> str:
        """The change as a unified diff."""
        return unified(self.file.name, self.file.document.text, self.after)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a file stays as it is: in a sentence, with lines, from 0, and the best guess as a diff."""

    name: str
    reason: str
    lines: tuple[int, ...] = ()
    preview: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}" if self.name else self.reason


@dataclass(frozen=True, slots=True)
class Plan:
    """The change of every file; with any objection, it is only there to be looked at."""

    changes: tuple[FileChange, ...]
    objections: tuple[Objection, ...] = ()

    @property
    def digest(self) -> str:
        """Tells this change from any other one."""
        digest = hashlib.blake2b(digest_size=12)
        for change in self.changes:
            for part in (change.file.uri, change.file.document.text, change.after):
                digest.update(len(part).to_bytes(8, "big") + part.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @property
    def difference(self) -> str:
        """All of it as a unified diff."""
        return "".join(change.difference for change in self.changes)


def make_plan(
    desk: Desk, text: str, params: ApplyParams, cancel: CancelToken, guess: Guess | None = None
) -> Plan:
    """Apply the sketches of `text`; `guess` is asked about those that are refused. Raises Cancelled."""
    try:
        chosen = sketches(text, params.lines)
        named = targets(desk, chosen, params.uri)
    except NoSketchError as error:
        return Plan((), (Objection("", str(error)),))
    changes: list[FileChange] = []
    objections = list(named.objections)
    for uri, parts in named.files.items():
        cancel.check()
        outcome = _change(desk, uri, parts, guess)
        if isinstance(outcome, Objection):
            objections.append(outcome)
        else:
            changes.append(outcome)
    return Plan(tuple(changes), tuple(objections))


def part_of(plan: Plan, number: int) -> Plan:
    """The plan with one of its parts alone, counted over all its files."""
    for change in plan.changes:
        if 0 <= number < len(change.hunks):
            return _only(change, change.hunks[number])
        number -= len(change.hunks)
    return Plan((), (Objection("", "The change has no such part any more."),))


@dataclass(frozen=True, slots=True)
class Targets:
    """The files, as URIs, with the sketches of each in order; what names no file, and which it may be."""

    files: dict[str, list[Sketched]]
    objections: tuple[Objection, ...]
    choices: tuple[str, ...] = ()


def targets(
    desk: Desk, chosen: Sequence[Sketched], uri: str | None = None, *, search: bool = True
) -> Targets:
    """Which file each sketch is of; `uri` is that of all of them."""
    files: dict[str, list[Sketched]] = {}
    objections: list[Objection] = []
    choices: list[str] = []
    paths = {each.path for each in chosen if each.path}
    for each in chosen:
        # A block without a path, in an answer that names one file, is of that.
        path = each.path or (paths.copy().pop() if len(paths) == 1 else "")
        if uri is not None:
            if not same_file(each.path, path_of(uri)):
                continue
            found = [uri]
        elif path:
            found = desk.named(path, search=search)
        else:
            found = desk.fitting(each)
        if len(found) == 1:
            files.setdefault(found[0], []).append(each)
        else:
            objections.append(_unnamed(desk, path, found))
            choices += found
    if uri is not None and not files:
        objections.append(Objection(desk.name(uri), "The sketch says nothing of this file."))
    return Targets(files, tuple(dict.fromkeys(objections)), tuple(choices))


def _unnamed(desk: Desk, path: str, found: Sequence[str]) -> Objection:
    names = " and ".join(map(desk.name, found))
    if path:
        return Objection(path, f"It may be {names}." if found else "There is no such file in the workspace.")
    if found:
        return Objection("", f"The sketch names no file, and fits {names}.")
    return Objection("", "The sketch names no file, and fits none that is open.")


def _change(desk: Desk, uri: str, parts: Sequence[Sketched], guess: Guess | None) -> FileChange | Objection:
    try:
        file = desk.read(uri)
    except FileRefused as error:
        return Objection(desk.name(uri), str(error))
    text = file.document.text
    lines = text.splitlines()
    outcome = apply_blocks(file.document, [each.block(lines) for each in parts], file.name, guess)
    if isinstance(outcome, Refused):
        preview = unified(file.name, text, outcome.preview) if outcome.preview is not None else ""
        return Objection(file.name, outcome.reason, outcome.places, preview)
    return _whole(file, outcome)


def _whole(file: File, applied: Applied) -> FileChange:
    parts = hunks(file.document, applied.edits)
    return FileChange(file, parts, applied.text, applied.confidence, applied.report)


def _only(change: FileChange, hunk: Hunk) -> Plan:
    if breaks_alone(change.file.document, hunk):
        reason = f"The part at {hunk.label} has syntax errors without the others."
        return Plan((), (Objection(change.file.name, reason),))
    after = change.file.document.apply(hunk.edits, 0).text
    return Plan((FileChange(change.file, (hunk,), after, change.confidence, change.report),))
