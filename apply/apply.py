"""From a sketch to an edit, exact and verified, or to a refusal that leaves the file untouched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from apply.formats.answer import Block, read_answer, same_file
from apply.formats.code import with_dots
from apply.formats.recognise import read_sketch
from apply.lines import FileLines
from apply.locate import Location, locate
from apply.merge import Merged, merge
from apply.problem import USUAL, Prices, TooBigError
from apply.rows import Sketch
from apply.structure import Outline
from apply.verify import evidence, new_names, objections, worse_syntax
from text.document import Document
from text.edits import Edit, diff
from text.languages import language_of
from text.style import Style, style_of
from text.syntax import Syntax, parse

OTHERS = (
    Prices(delete=0.1, header=2.0),
    Prices(delete=0.15, header=12.0, local=4.0),
    Prices(delete=0.06, header=6.0, soft_gap=0.8),
    Prices(delete=0.2, header=1.0, soft_gap=1.5),
)
BOM = "\ufeff"


@dataclass(frozen=True)
class Report:
    """What was done: the format, the lines that came and went, and names the file had never mentioned."""

    format: str
    added: int
    removed: int
    new_names: tuple[str, ...]


@dataclass(frozen=True)
class Applied:
    """The edits, against the text that was given; how sure it is that they are meant, from 0 to 1."""

    edits: tuple[Edit, ...]
    text: str
    confidence: float
    report: Report


@dataclass(frozen=True)
class Refused:
    """Why nothing is done; line numbers, from 0, of places that are meant equally likely; the best guess."""

    reason: str
    places: tuple[int, ...] = ()
    preview: str | None = None


class Guess(Protocol):
    """Finds a better guess where structure cannot decide; see `apply.rewrite_guess`."""

    def __call__(self, state: FileState, sketch: Sketch, written: str) -> str | None:
        """The file as it may be meant, or None; `written` is the sketch's own text. Nothing applies it."""
        ...


def apply_sketch(
    source: Document | str, sketch: str, path: str = "", guess: Guess | None = None
) -> Applied | Refused:
    """Apply an answer's sketch of one file to its text.

    `path` tells the language, and which of an answer's blocks are of this file; blocks without a path are.
    The edits of an `Applied` are in code points of the text. What is refused is what `guess` is asked about,
    and nothing else: its answer becomes the preview.
    """
    blocks = [block for block in read_answer(sketch) if same_file(block.path, path)]
    return apply_blocks(source, blocks, path, guess)


def apply_blocks(
    source: Document | str, blocks: Sequence[Block], path: str = "", guess: Guess | None = None
) -> Applied | Refused:
    """The same for sketches that were read from an answer already, and are all of this file."""
    text = source if isinstance(source, str) else source.text
    language = (source.language if isinstance(source, Document) else "") or language_of(path=path)
    if not blocks:
        return Refused("The sketch says nothing of this file.")
    state = FileState(text.removeprefix(BOM), language)
    confidence = 1.0
    formats: list[str] = []
    for block in blocks:
        for each in read_sketch(block.text, state.file.lines):
            outcome = _apply_one(state, each)
            if isinstance(outcome, Refused):
                better = guess(state, each, block.text) if guess else None
                return outcome if better is None else replace(outcome, preview=better)
            state, sure = outcome
            confidence = min(confidence, sure)
            formats.append(each.format)
    bom = BOM if text.startswith(BOM) else ""
    result = bom + state.text
    if result == text:
        return Refused("The sketch changes nothing in this file.")
    edits = diff(text, result)
    report = Report(
        format=", ".join(dict.fromkeys(formats)),
        added=sum(edit.new.count("\n") for edit in edits),
        removed=sum(text.count("\n", edit.start, edit.end) for edit in edits),
        new_names=new_names(text, result),
    )
    return Applied(edits, result, confidence, report)


class FileState:
    """A file between two sketches: its text, lines, outline and style."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.file = FileLines(text)
        self._next: dict[str, FileState] = {}

    @cached_property
    def syntax(self) -> Syntax | None:
        """Its tree, if its language is known."""
        return parse(self.text, self.language)

    @cached_property
    def outline(self) -> Outline:
        """What it defines."""
        return Outline(self.file, self.syntax)

    @cached_property
    def style(self) -> Style:
        """How it is written."""
        return style_of(Document.create("", self.text, 0, self.language))

    def changed(self, text: str) -> FileState:
        """The file with another text: one object, parsed once, for readings that come to the same."""
        return self._next.setdefault(text, FileState(text, self.language))


def _apply_one(state: FileState, sketch: Sketch) -> tuple[FileState, float] | Refused:
    """The file after one sketch, and how sure that is."""
    if not any(row.is_solid for row in sketch.rows):
        return Refused("The sketch holds no code.")
    outcome = _read(state, sketch, USUAL)
    nothing = not isinstance(outcome, Refused) and outcome[0].text == state.text
    if nothing and not sketch.explicit and not sketch.whole:
        others = [each for prices in OTHERS if not isinstance(each := _read(state, sketch, prices), Refused)]
        others = [each for each in others if each[0].text != state.text]
        if len({after.text for after, _ in others}) == 1:
            after, sure = others[0]
            return after, sure / 2
    return outcome


def _read(state: FileState, sketch: Sketch, prices: Prices) -> tuple[FileState, float] | Refused:
    """The file after one sketch, read at some prices."""
    try:
        location = locate(sketch, state.file, state.outline, prices=prices)
    except TooBigError:
        return Refused("The sketch is long, and too little of it is in this file to tell where it belongs.")
    dotted = with_dots(sketch, location.steps, state.file.lines)
    if dotted is not None:
        return _read(state, dotted, prices)
    merged = merge(sketch, state.file, location.steps, state.style)
    after = state.changed(merged.text(state.file, state.style))
    reason = _objection(state, sketch, location, merged, after)
    if reason:
        places = tuple(sorted({line for pair in location.rivals for line in pair}))
        return Refused(reason, places, after.text)
    found = evidence(sketch, state.file, location.steps)
    return after, min(1.0, 0.5 + found.shown / 2)


def _objection(
    state: FileState, sketch: Sketch, location: Location, merged: Merged, after: FileState
) -> str | None:
    for one, other in location.rivals:
        return f"The sketch may belong at line {one + 1} or at line {other + 1}: both fit as well."
    if location.left:
        return (
            f"The sketch breaks off in a block of which {location.left} lines follow, with no word on them."
        )
    first = next(objections(sketch, state.file, location.steps, merged), None)
    return first or worse_syntax(state.syntax, after.syntax, merged)
