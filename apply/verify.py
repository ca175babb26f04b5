"""What has to be true of a result before anybody may see it as one.

Each rule that a result breaks is a reason, in a sentence, to refuse it.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from apply.edges import edge_objections
from apply.formats.comments import deletion, is_marker
from apply.lines import FileLines, informative, key, likeness, loose_key
from apply.merge import Merged
from apply.problem import Step
from apply.rows import Kind, Sketch, pieces
from apply.structure import is_header
from text.syntax import Syntax

SHOWN = 0.2  # of what a sketch says, this much the file has to have: else it is of another file
EDGES = 0.7  # or this much of the lines next to its markers: then the rest is new
DOUBLE = 0.7  # of new lines: if the file has as many elsewhere, they were moved
UNREADABLE = 10  # syntax errors in a file: its grammar does not know what it is written in
ALIKE = 0.8  # likeness of a line that was changed a little
WHOLE = 0.9  # of a file's lines: a sketch that shows as many shows all that stays
MANY = 20  # lines that go without a word
HELD = 0.4  # what the lines of a piece that the file has must tell of its place


@dataclass(frozen=True)
class Evidence:
    """How much of a sketch the file has: shares from 0 to 1, weighted by what each line tells."""

    shown: float  # of all lines
    edges: float  # of the lines that begin and end its pieces
    weakest: float  # of the piece that is held the least: what its matched lines tell, not a share


def evidence(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Evidence:
    """What the alignment found of the sketch in the file."""
    exact: dict[int, float] = {}
    for what, row, line in steps:
        if what == "match":
            text = sketch.rows[row].text
            exact[row] = informative(text) * _sureness(text, file.lines[line])
    total = sum(informative(row.text) for row in sketch.rows if row.is_solid and row.kind is not Kind.NEW)
    edges = [
        shown[at]
        for start, end in pieces(sketch.rows)
        if (shown := [row for row in range(start, end) if sketch.rows[row].is_solid])
        for at in (0, -1)
    ]
    ends = sum(informative(sketch.rows[row].text) for row in edges)
    held = [sum(exact.get(row, 0.0) for row in range(start, end)) for start, end in pieces(sketch.rows)]
    return Evidence(
        shown=sum(exact.values()) / total if total else 1.0,
        edges=sum(exact.get(row, 0.0) for row in edges) / ends if ends else 1.0,
        weakest=min(held, default=0.0),
    )


def _sureness(shown: str, own: str) -> float:
    """How sure it is that a line of the sketch is the line of the file that it was matched with."""
    if loose_key(shown) == loose_key(own):
        return 1.0
    return 0.5 if likeness(shown, own) >= ALIKE else 0.3


def objections(sketch: Sketch, file: FileLines, steps: Sequence[Step], merged: Merged) -> Iterator[str]:
    """Why the sketch, as it was located, is not to be applied; in sentences."""
    if sketch.explicit:
        yield from _missing(sketch, steps)
    elif not sketch.whole:
        found = evidence(sketch, file, steps)
        if found.shown < SHOWN and found.edges < EDGES:
            yield f"Only {found.shown:.0%} of the sketch is in this file: it seems to be of another one."
        if found.weakest < HELD:
            yield "A part of the sketch shows no line of the file that would tell where it belongs."
    if sketch.whole:
        yield from _left_out_of_whole(file, steps)
    if not sketch.explicit:
        yield from _spoken(sketch, steps)
    if not sketch.explicit and not sketch.whole:
        yield from _repeated(file, merged)
        yield from _moved(file, merged)
        yield from edge_objections(sketch, file, steps, merged)


def worse_syntax(before: Syntax | None, after: Syntax | None, merged: Merged) -> str | None:
    """The objection to a result that parses worse than the file did.

    A grammar reads both branches of a conditional of the C preprocessor, so that new ones prove nothing.
    """
    if before is None or after is None or after.error_count <= before.error_count:
        return None
    if before.error_count >= UNREADABLE:
        return None
    if after.language in ("c", "cpp") and any(
        _CONDITIONAL.match(each.text) for each in merged.lines if each.line is None
    ):
        return None
    more = after.error_count - before.error_count
    return f"The result would have {more} syntax errors more than the file has."


def new_names(before: str, after: str) -> tuple[str, ...]:
    """Names that the result uses and the file never mentioned, in the order in which they appear."""
    known = set(_NAME.findall(before))
    found = (name for name in _NAME.findall(after) if name not in known and not keyword.iskeyword(name))
    return tuple(dict.fromkeys(found))


_CONDITIONAL = re.compile(r"\s*#\s*(?:if|el|endif)")
_NAME = re.compile(r"[^\W\d]\w*")


def _missing(sketch: Sketch, steps: Sequence[Step]) -> Iterator[str]:
    """Lines that a diff or a search block says are in the file, and are not."""
    for what, row, _ in steps:
        kind = sketch.rows[row].kind if what == "insert" else None
        if kind in (Kind.KNOWN, Kind.OLD):
            yield f"The file has no line like {sketch.rows[row].text.strip()!r} where it should be."
            return


def _left_out_of_whole(file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Many lines would go for nothing, in a sketch that shows much of the file, but not all of it."""
    if sum(step.what == "match" for step in steps) >= WHOLE * len(file.solid):
        return
    for what, group in groupby(steps, key=lambda step: step.what):
        run = [step.line for step in group]
        if what == "delete" and len(run) >= MANY:
            yield f"{len(run)} lines from {run[0] + 1} on may be left out, or are to go: no marker tells."
            return


def _spoken(sketch: Sketch, steps: Sequence[Step]) -> Iterator[str]:
    """Comments that speak of the file and would be written into it."""
    for what, row, _ in steps:
        text = sketch.rows[row].text if what == "insert" else ""
        says = is_marker(text) or ("..." in text and deletion(text) is not None)
        if says and text.strip() != "...":
            yield f"{text.strip()!r} seems to speak of the file, but it is not clear of what."
            return


def _repeated(file: FileLines, merged: Merged) -> Iterator[str]:
    """Definitions that would stand twice where the file has them once."""
    before = Counter(key(line) for line in file.lines if is_header(line))
    after = Counter(key(line.text) for line in merged.lines if is_header(line.text))
    for line in merged.lines:
        each = key(line.text)
        if (
            line.line is None
            and is_header(line.text)
            and before[each] == 1
            and after[each] > 1
            and "(self" not in each
        ):
            yield f"{each!r} would stand in the file twice."
            return


def _moved(file: FileLines, merged: Merged) -> Iterator[str]:
    """Runs of new lines which the file has already: they were moved, and had to go where they were."""
    kept = Counter(line.line is not None and key(line.text) for line in merged.lines)
    new = Counter(line.line is None and key(line.text) for line in merged.lines)
    run: list[str] = []
    for line in [*merged.lines, None]:
        if line is not None and line.line is None:
            run.append(key(line.text))
            continue
        double = [
            each
            for each in run
            if kept[each] == len(file.places.get(each, ())) == new[each] == 1 and informative(each) >= 0.6
        ]
        if len(double) >= 2 and sum(map(informative, double)) > DOUBLE * sum(
            map(informative, filter(None, run))
        ):
            yield f"{double[0]!r} and lines around it would stand in the file twice."
            return
        run = []
