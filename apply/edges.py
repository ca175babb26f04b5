"""What is doubtful where a part of a sketch meets lines that it leaves out.

There a sketch shows lines of the file, so that one sees where it belongs. Where it does not, it was read
wrongly more often than not, whatever the score of the alignment is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from apply.gone import gone_objections, is_soft
from apply.idle import idle_objections
from apply.insertions import insertion_objections
from apply.lines import NEARLY, FileLines, informative, key, likeness, loose_key
from apply.merge import Merged
from apply.problem import Step
from apply.rows import Kind, Sketch, pieces, width
from apply.structure import is_header

FEW = 5  # lines at the top of a file
HELD = 0.6  # what a line has to tell to show where a part belongs
MOVED = 0.8  # the same, to stand in a file once
TELLING = 1.0  # what lines have to tell together to be more than brackets
_OPENERS, _CLOSERS = (":", "{", "(", "["), (")", "]", "}")
_COMMENT = re.compile(r"\s*(?:#(?:\s|$)|//|/?\*)")
_PROSE = ('"""', "'''", "#", "//", "/*", "*")


def edge_objections(sketch: Sketch, file: FileLines, steps: Sequence[Step], merged: Merged) -> Iterator[str]:
    """Why a sketch, as it was located, may be meant otherwise; in sentences."""
    yield from _known_and_new(sketch, file, steps)
    yield from _changed_before_nothing(sketch, file, steps)
    yield from _one_left_out(sketch, steps)
    yield from _moved_inwards(sketch, file, steps)
    yield from _closed_elsewhere(file, steps, merged)
    yield from gone_objections(sketch, file, steps)
    yield from _unmarked_start(sketch, file, steps)
    yield from _out_of_block(sketch, file, steps)
    yield from _new_beside_left_out(sketch, steps)
    yield from _unmarked_end(sketch, file, steps)
    yield from _undecorated(sketch, file, steps)
    yield from _one_more(sketch, file, steps)
    yield from idle_objections(sketch, file, steps)
    yield from _emptied(file, merged)
    yield from insertion_objections(sketch, file, steps)


def _edges(steps: Sequence[Step]) -> Iterator[tuple[Step, Step]]:
    """Each line that is left out next to a step that the sketch shows, as (left out, shown)."""
    for one, other in pairwise(steps):
        if (one.what == "keep") != (other.what == "keep"):
            yield (one, other) if one.what == "keep" else (other, one)


def _known_and_new(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A line that the file has would be written a second time, to be the edge of a part.

    So would one that the file has once, behind an edge that tells little of where the part belongs.
    """
    left = {step.line for step in steps if step.what == "keep"}
    for run in _shown_from_edges(steps):
        for at, step in enumerate(run):
            text = sketch.rows[step.row].text
            if step.what == "match" and loose_key(text) == loose_key(file.lines[step.line]):
                if informative(text) >= HELD:
                    break
                continue
            places = file.loose_places.get(loose_key(text))
            if places is None:
                break
            if (at == 0 and step.what == "insert") or (
                len(places) == 1 and int(places[0]) in left and informative(text) >= HELD
            ):
                yield (
                    f"A part of the sketch begins or ends with {text.strip()!r}: "
                    "the file has it, but not where the rest of the part fits."
                )
            break


def _shown_from_edges(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """What the sketch shows, from each edge to what is left out on, inwards."""
    for index, (one, other) in enumerate(pairwise(steps)):
        if (one.what == "keep") != (other.what == "keep"):
            inwards = iter(steps[index + 1 :]) if one.what == "keep" else reversed(steps[: index + 1])
            yield [
                step for step in takewhile(lambda step: step.what != "keep", inwards) if step.what != "delete"
            ]


def _changed_before_nothing(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A blank line would leave something out, and the line next to it is not the file's."""
    for kept, shown in _edges(steps):
        if not is_soft(sketch, kept.row):
            continue
        if shown.what == "delete":
            yield f"Line {shown.line + 1} may be left out, or is to go: no marker tells."
            continue
        text = sketch.rows[shown.row].text
        if shown.what == "insert" or loose_key(text) != loose_key(file.lines[shown.line]):
            yield f"Beside {text.strip()!r} lines may be left out, or are to go: no marker tells."


def _one_left_out(sketch: Sketch, steps: Sequence[Step]) -> Iterator[str]:
    """A blank line would leave one single line out: more likely that line is to go."""
    left = Counter(step.row for step in steps if step.what == "keep" and is_soft(sketch, step.row))
    for step in steps:
        if step.what == "keep" and left[step.row] == 1:
            yield f"Line {step.line + 1} may be left out, or is to go: no marker tells."


def _moved_inwards(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A part writes the line anew that the file has right beside it, and nowhere else: it was moved.

    Unless what is next to it is written anew as well: then both were copied.
    """
    new = {step.row: loose_key(sketch.rows[step.row].text) for step in steps if step.what == "insert"}
    for kept, shown in _edges(steps):
        own = loose_key(file.lines[kept.line])
        if shown.what == "delete" or len(file.loose_places[own]) > 1:
            continue
        part = next((range(*each) for each in pieces(sketch.rows) if shown.row in range(*each)), range(0))
        solid = [row for row in part if sketch.rows[row].is_solid]
        pairs = pairwise(solid) if kept.line < shown.line else pairwise(reversed(solid))
        moved = any(
            new.get(row) == own and new.get(other) != loose_key(sketch.rows[shown.row].text)
            for row, other in pairs
        )
        if moved and informative(file.lines[kept.line]) >= MOVED:
            yield f"{file.lines[kept.line].strip()!r} would stand in the file twice."


def _closed_elsewhere(file: FileLines, steps: Sequence[Step], merged: Merged) -> Iterator[str]:
    """Lines go up to a bracket that would close something at another depth: it is another one."""
    moved = {
        line.line
        for line in merged.lines
        if line.line is not None and line.row is not None and not re.search(r"\w", line.text)
        if width(line.text) != file.indents[line.line]
    }
    for one, other in pairwise(steps):
        if one.what == "delete" and other.what == "match" and other.line in moved:
            yield f"Line {one.line + 1} may be left out, or is to go: no marker tells."


def _out_of_block(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A marker behind the beginning of a block would stand for lines that end the block, and begin others."""
    shown = [index for index, step in enumerate(steps) if step.what != "keep"]
    for one, other in pairwise(shown):
        opener, behind = steps[one], steps[other]
        if other == one + 1 or opener.what != "match" or behind.what != "match":
            continue
        if not file.keys[opener.line].endswith(_OPENERS):
            continue
        depth, inner = int(file.indents[opener.line]), int(file.indents[behind.line])
        if inner < depth or (inner == depth and not file.keys[behind.line].startswith(_CLOSERS)):
            continue
        left = steps[one + 1 : other]
        end = next((at for at, step in enumerate(left) if _ends(file, step.line, depth)), len(left))
        wanted = loose_key(sketch.rows[behind.row].text)
        nearer = any(loose_key(file.lines[step.line]) == wanted for step in left[:end])
        if end < len(left) and (nearer or inner == depth):
            yield (
                f"{sketch.rows[behind.row].text.strip()!r} may be in the block that begins at line "
                f"{opener.line + 1}, or after it."
            )
            return


def _ends(file: FileLines, line: int, depth: int) -> bool:
    """Whether a line ends a block whose first line is `depth` deep, and does not go on with it."""
    text = file.keys[line]
    goes_on = text.startswith(_CLOSERS) and text.endswith(_OPENERS)
    return bool(file.indents[line] <= depth) and not goes_on and not text.startswith(_PROSE)


def _new_beside_left_out(sketch: Sketch, steps: Sequence[Step]) -> Iterator[str]:
    """A part begins with a new line, behind lines that are left out: it may replace some of these."""
    for one, other in pairwise(steps):
        if one.what == "keep" and other.what == "insert" and _begins(sketch, other.row):
            text = sketch.rows[other.row].text.strip()
            yield f"{text!r} may replace what is above it, which the sketch leaves out, or come after it."


def _undecorated(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """A definition is shown with another first line, and without what decorates it in the file."""
    for kept, shown in pairwise(steps):
        if kept.what != "keep" or shown.what != "match" or not is_header(text := sketch.rows[shown.row].text):
            continue
        changed = loose_key(text) != loose_key(file.lines[shown.line])
        if changed and file.keys[kept.line].startswith(("@", "#[")):
            yield f"{file.keys[kept.line]!r} above {text.strip()!r} may be left out, or is to go."


def _begins(sketch: Sketch, row: int) -> bool:
    """Whether a row is the first of its part that is not blank."""
    above = (each for each in reversed(sketch.rows[:row]) if not each.is_blank or each.kind is Kind.SOFT)
    return next(above, sketch.rows[0]).kind in (Kind.GAP, Kind.SOFT) or not any(
        each.is_solid for each in sketch.rows[:row]
    )


def _one_more(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """One line becomes another in a part that goes on as it did before: it may be one more of a kind."""
    for start, end in pieces(sketch.rows):
        own = [step for step in steps if start <= step.row < end and step.what != "keep"]
        gone = [step.line for step in own if step.what == "delete"]
        new = [sketch.rows[step.row].text for step in own if step.what == "insert"]
        if len(gone) != 1 or any(likeness(text, file.lines[gone[0]]) >= NEARLY for text in new):
            continue
        shown = [step for step in own if step.what != "delete"]
        tail = list(takewhile(lambda step: step.what == "match", reversed(shown)))
        keys = [key(sketch.rows[step.row].text) for step in shown]
        before, rest = keys[: -len(tail) - 1], keys[len(keys) - len(tail) :]
        again = any(before[at : at + len(rest)] == rest for at in range(len(before) - len(rest) + 1))
        if again and sum(map(informative, rest)) >= TELLING:
            yield f"{file.lines[gone[0]].strip()!r} may be to go, or what is new stands beside it."


def _unmarked_start(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """The first lines of the file would stay, unmarked, in a sketch that has markers; or just the first."""
    marked = [index for index, row in enumerate(sketch.rows) if row.kind is Kind.GAP]
    shown = next((index for index, step in enumerate(steps) if step.what != "keep"), 0)
    first = next((row for row in sketch.rows if row.is_solid), None)
    if first is None or (marked and not any(row.is_solid for row in sketch.rows[: marked[0]])):
        return
    most = FEW if marked else 1
    above = [file.lines[step.line].lstrip() for step in steps[: min(shown, most + 1)]]
    in_prose = _COMMENT.match(first.text)
    if len(above) > most or (not in_prose and all(line.startswith(_PROSE) for line in above)):
        return
    if not above or is_header(first.text):
        return
    if not file.indents[steps[shown].line if steps[shown].what == "match" else steps[0].line]:
        yield f"What is above {first.text.strip()!r} may be left out, or is to go: no marker tells."


def _unmarked_end(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Without markers, the sketch ends with a new line that is like one right behind it, which it leaves out.

    And where it begins and ends as the file does, it may be the whole file.
    """
    if any(row.kind is Kind.GAP for row in sketch.rows):
        return
    shown = [index for index, step in enumerate(steps) if step.what != "keep"]
    if not shown:
        return
    last = steps[shown[-1]]
    following = [file.lines[step.line] for step in steps[shown[-1] + 1 :][:FEW]]
    text = sketch.rows[last.row].text if last.what == "insert" else ""
    if text and any(likeness(text, line) >= NEARLY for line in following):
        yield f"{text.strip()!r} may replace what follows in the file, or come before it."
    left = len(steps) - len(shown)
    if 0 < left < len(shown) and shown[0] == 0 and shown[-1] == len(steps) - 1:
        yield f"The sketch may be the whole file: {left} lines are left out, or are to go."


def _emptied(file: FileLines, merged: Merged) -> Iterator[str]:
    """A definition would lose its body, and nobody said so."""
    solid = [line for line in merged.lines if not line.is_blank]
    for header, following in pairwise(solid):
        if header.line is None or not is_header(header.text):
            continue
        rank = int(file.rank[header.line]) + 1
        if rank >= len(file.solid) or following.line == (own := int(file.solid[rank])):
            continue
        if file.indents[own] > file.indents[header.line] and width(following.text) <= width(header.text):
            yield f"{header.text.strip()!r} would be left without a body."
