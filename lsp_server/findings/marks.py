"""What is shown of a document's findings, and how it follows the text while that is being changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bug_finder.finding import Finding
from bug_finder.reasons import Reason
from text.document import Document
from text.edits import Edit
from text.positions import Position, without_ending


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as an editor shows it. A `replacement` in it has been verified."""

    finding: Finding
    fingerprint: str
    level: str  # "warning" | "information" | "hint"
    message: str
    proposal: str  # the fix in a few words, or ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one text: what is shown, what was dismissed, and why there is no more."""

    marks: tuple[Mark, ...] = ()
    dismissed: tuple[Mark, ...] = ()
    hidden: Counter[Reason] = field(default_factory=Counter)
    reason: Reason | None = None  # where nothing is shown
    detail: str = ""
    functions: int = 0
    read: int = 0  # functions that were not known
    ms: float = 0.0


def following(marks: Iterable[Mark], before: Document, edits: Sequence[Edit]) -> tuple[Mark, ...]:
    """The marks in the text after `edits`; those whose lines were edited are gone."""
    moved = (_moved(each, before, edits) for each in marks)
    return tuple(each for each in moved if each is not None)


def _moved(mark: Mark, before: Document, edits: Sequence[Edit]) -> Mark | None:
    finding = mark.finding
    first, last = before.position(finding.start).line, before.position(finding.end).line
    start = before.offset(Position(first, 0))
    end = before.offset(Position(last, len(without_ending(before.line(last)))))
    shift = lines = 0
    for edit in edits:
        if edit.end < start or (
            edit.end == start and (edit.start < start or edit.new.endswith(("\n", "\r")))
        ):
            shift += len(edit.new) - (edit.end - edit.start)
            lines += _breaks(edit.new) - _breaks(before.slice(edit.start, edit.end))
        elif edit.start <= end and not (edit.start == end and edit.new.startswith(("\n", "\r"))):
            return None
    there = replace(finding, start=finding.start + shift, end=finding.end + shift, line=finding.line + lines)
    return replace(mark, finding=there)


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
