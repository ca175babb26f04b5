"""The parts of a change that can be taken one by one: what changes next to each other, or in one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apply.lines import FileLines
from apply.structure import Outline
from text.document import Document
from text.edits import Edit, apply
from text.syntax import Syntax, parse

BETWEEN = 1
"""Lines that stay, between two changes that are one part."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some edits of a file; its first and last line, from 0, before the change; the function they are in."""

    edits: tuple[Edit, ...]
    first: int
    last: int
    function: str

    @property
    def label(self) -> str:
        """Where it is, for people."""
        lines = (
            f"lines {self.first + 1}-{self.last + 1}" if self.last > self.first else f"line {self.first + 1}"
        )
        return f"{lines} in {self.function}" if self.function else lines


def hunks(document: Document, edits: Sequence[Edit]) -> tuple[Hunk, ...]:
    """The parts of a change, in order; together they are all of it."""
    outline = _outline(document)
    found: list[Hunk] = []
    for edit in edits:
        first = document.position(edit.start).line
        last = document.position(max(edit.start, edit.end - 1)).line
        function, place = _function(outline, first)
        before = found[-1] if found else None
        if before and (first - before.last <= BETWEEN + 1 or (place >= 0 and place <= before.first)):
            found[-1] = Hunk((*before.edits, edit), before.first, last, before.function or function)
        else:
            found.append(Hunk((edit,), first, last, function))
    return tuple(found)


def breaks_alone(document: Document, hunk: Hunk) -> bool:
    """Whether the file would parse worse with this part of the change alone."""
    before = parse(document.text, document.language)
    after = parse(apply(document.text, hunk.edits), document.language)
    return _errors(after) > _errors(before)


def _outline(document: Document) -> Outline:
    return Outline(FileLines(document.text), parse(document.text, document.language))


def _function(outline: Outline, line: int) -> tuple[str, int]:
    """Name and first line of the innermost function around a line; "" and -1 where there is none."""
    around = [each for each in outline.definitions if each.is_function and each.start <= line < each.end]
    inner = max(around, key=lambda each: each.start, default=None)
    return (inner.name, inner.start) if inner else ("", -1)


def _errors(syntax: Syntax | None) -> int:
    return syntax.error_count if syntax else 0
