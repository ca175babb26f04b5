"""Which lines of a file each row of a sketch may be, and what that would be worth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from apply.indent import Rule, indent_of, rule_of
from apply.lines import FileLines, informative, key, loose_key
from apply.problem import Named, Places, Prices, Problem
from apply.rows import Kind, Row, Sketch, pieces, width
from apply.structure import Outline, is_header

LOOSE = 0.9  # of an exact match, where only blanks and quotes differ
HEADER = 3.0  # a definition's first line, if sketch and file have it once: structure comes first
UNIQUE = 1.5  # any other line that both have once
HEADER_INSIDE = 5.0
ELSEWHERE = 0.5  # of a match, where the line stands deeper or less deep than the sketch has it
CLOSER = 0.5  # what a bracket at the wrong depth costs
RARITY = 0.25  # how fast a line is worth less, the more often the file has it
HINT = 0.06  # for the line that a diff names by its number: it decides between lines that are equal
# To insert a piece's first or last line: one that the file has once, that it has, that it has not.
UNIQUE_EDGE, KNOWN_EDGE, NEW_EDGE = 6.0, 2.5, 0.15
_WORD = re.compile(r"\w")
_NOTHING = (np.zeros(0, dtype=np.int64), np.zeros(0))

Matches = tuple[Places, NDArray[np.float64]]


def problem_of(sketch: Sketch, file: FileLines, outline: Outline, prices: Prices) -> Problem:
    """The alignment problem that `sketch`, whose rows are all solid, poses for the solid lines of `file`."""
    rows = sketch.rows
    finder = _Finder(rows, file, outline)
    matches = [finder.matches(index) for index in range(len(rows))]
    return Problem(
        rows=rows,
        matches=[(file.rank[at], gains) for at, gains in matches],
        indents=file.indents[file.solid],
        blank=_blank_before(file),
        explicit=sketch.explicit,
        dear={} if sketch.explicit else dict(_dear(rows, finder)),
        torn={} if sketch.explicit else dict(_torn(rows, file, finder)),
        line_cost=_line_cost(sketch, file, outline, prices),
        prices=prices,
        told=not sketch.explicit and marks_outside(rows),
        named={
            i: [
                Named(int(file.rank[each.start]), int(file.rank[each.end]), each.gain)
                for each in named_lines(row.text, file, outline)
            ]
            for i, row in enumerate(rows)
            if row.kind is Kind.GONE
        },
    )


def marks_outside(rows: Sequence[Row]) -> bool:
    """Whether markers stand beside what is shown; those inside it say nothing of the rest of the file."""
    depth = min((width(row.text) for row in rows if row.is_solid), default=0)
    return any(row.kind is Kind.GAP and row.indent <= depth for row in rows)


def _blank_before(file: FileLines) -> NDArray[np.bool_]:
    """For each solid line, and for the end, whether blank lines are before it."""
    return np.diff(file.solid, prepend=-1, append=len(file)) > 1


def _line_cost(sketch: Sketch, file: FileLines, outline: Outline, prices: Prices) -> NDArray[np.float64]:
    """What it costs to delete each solid line: a definition does not go without a word."""
    cost = np.full(len(file.solid), 0.3 if sketch.explicit else prices.delete)
    for definition in outline.definitions:
        if definition.is_function or definition.is_class:
            local = definition.line in outline.local
            cost[file.rank[definition.line]] += prices.local if local else prices.header
    return cost


def _dear(rows: Sequence[Row], finder: _Finder) -> Iterator[tuple[int, float]]:
    """Where a piece meets a marker it shows lines of the file, so that one sees where it belongs."""
    for start, end in pieces(rows):
        shown = [index for index in range(start, end) if rows[index].is_solid]
        edges = {shown[0]} if shown and start > 0 else set()
        edges |= {shown[-1]} if shown and end < len(rows) else set()
        for index in edges:
            text = rows[index].text
            known = KNOWN_EDGE if finder.is_known(text) else NEW_EDGE
            yield index, UNIQUE_EDGE if finder.is_unique(text) and informative(text) >= 0.5 else known


def _torn(rows: Sequence[Row], file: FileLines, finder: _Finder) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """A new definition does not begin in the midst of lines that are deeper than it is."""
    following = np.append(file.indents[file.solid], 0)
    for index, row in enumerate(rows):
        if row.kind is Kind.LINE and is_header(row.text):
            depth = width(finder.rule(indent_of(row.text)))
            yield index, np.where(following > depth, HEADER_INSIDE, 0.0)


def named_lines(name: str, file: FileLines, outline: Outline) -> list[Named]:
    """What a deletion comment may mean by `name`: a line that begins with it, or the definition so called."""
    wanted = key(name).rstrip(" .…")
    called = re.split(r"[\s(]", wanted.removeprefix("def ").removeprefix("class "))[0].split(".")[-1]
    found = [Named(each.start, each.end, 1.2) for each in outline.definitions if each.name == called]
    for index, each in enumerate(file.keys):
        gain = _naming(wanted, each)
        if gain:
            ends = {index + 1, outline.statement_end(index)}
            found += [Named(index, end, gain) for end in ends]
    return found


def _naming(wanted: str, line: str) -> float:
    """How likely a deletion comment means a line by what it names."""
    if line == wanted:
        return 1.0 if line else 0.0
    if len(wanted) < 3:
        return 0.0
    if line.startswith(wanted) or (len(wanted) >= 24 and wanted in line):
        return 0.9
    return 0.4 if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", line) else 0.0


class _Finder:
    def __init__(self, rows: Sequence[Row], file: FileLines, outline: Outline) -> None:
        self.rows = rows
        self.file = file
        self.outline = outline
        self.sketch_count: dict[str, int] = {}
        shown = [row for row in rows if row.kind in (Kind.LINE, Kind.KNOWN, Kind.OLD)]
        for row in shown:
            each = key(row.text)
            self.sketch_count[each] = self.sketch_count.get(each, 0) + 1
        loose = {loose_key(row.text) for row in shown}
        self.taken = np.array(
            [not each or each in self.sketch_count or loose_key(each) in loose for each in file.keys],
            dtype=bool,
        )

    @cached_property
    def rule(self) -> Rule:
        """How the sketch is indented, by the lines that it and the file have once."""
        pairs = [
            (indent_of(row.text), indent_of(self.file.lines[int(at[0])]))
            for row in self.rows
            if row.is_solid and (at := self.file.places.get(key(row.text))) is not None and len(at) == 1
        ]
        return rule_of(pairs, next((own[:1] for _, own in pairs if own.startswith("\t")), " " * 4))

    def is_known(self, text: str) -> bool:
        """Whether the file has the line, but for blanks and quotes."""
        return key(text) in self.file.places or loose_key(text) in self.file.loose_places

    def is_unique(self, text: str) -> bool:
        """Whether the file has the line once, and so has the sketch."""
        wanted = key(text)
        return len(self.file.places.get(wanted, ())) == self.sketch_count.get(wanted) == 1

    def matches(self, index: int) -> Matches:
        """The lines that a row may be, in order, and what each is worth."""
        row = self.rows[index]
        if not row.is_solid or row.kind is Kind.NEW:
            return _NOTHING
        wanted = key(row.text)
        at = self.file.places.get(wanted)
        if at is not None:
            worth = np.full(len(at), self._worth(row, wanted, len(at)))
        else:
            at = self.file.loose_places.get(loose_key(row.text))
            if at is None:
                at = self.file.elided(row.text)
            if not len(at):
                return self._nearly(row)
            worth = np.full(len(at), LOOSE * informative(row.text) / len(at) ** RARITY)
        worth = np.where(
            self._fits(row, at), worth, worth * ELSEWHERE - (0 if _WORD.search(row.text) else CLOSER)
        )
        return at, worth + np.where(at == row.hint, HINT, 0.0)

    def _worth(self, row: Row, wanted: str, count: int) -> float:
        worth = float(informative(row.text) / count**RARITY)
        if count == 1 and self.sketch_count.get(wanted) == 1:
            header = self.outline.header_at(int(self.file.places[wanted][0]))
            return worth * (HEADER if header else UNIQUE)
        return worth

    def _fits(self, row: Row, at: Places) -> NDArray[np.bool_]:
        """Which lines stand as deep as the sketch has it."""
        return np.asarray(self.file.indents[at] == width(self.rule(indent_of(row.text))))

    def _nearly(self, row: Row) -> Matches:
        """Lines that are much like the row's; of definitions, only those of the same name."""
        header = self.outline.named_by(row.text)
        if header:
            at = np.array([each.line for each in header if not self.taken[each.line]], dtype=np.int64)
            return at, np.full(len(at), informative(row.text))
        at, likeness = self.file.similar(row.text, self.taken)
        headers = np.array([self.outline.header_at(int(each)) is None for each in at], dtype=bool)
        at, likeness = at[headers], likeness[headers]
        return at, informative(row.text) * (likeness - 0.5) * 1.2
