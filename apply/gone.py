"""Lines that would go, though the sketch may only leave them out.

A blank line, or the head of what holds them, may stand for lines that are not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from apply.lines import FileLines, loose_key
from apply.problem import Step
from apply.rows import Kind, Sketch, width

HEAD = 8  # lines of the head of a class
_CLASS = re.compile(
    r"\s*(?:(?:export|default|abstract|public|private|protected|static|final|pub|data|sealed)\b\S*\s+)*"
    r"(?:class|impl|interface|trait|struct|enum|namespace|mod|object)\b.*[:{]\s*$"
)


def gone_objections(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Lines that go, and may as well be left out; in sentences."""
    yield from _gone_for_a_blank(sketch, file, steps)
    yield from _gone_behind_a_head(sketch, file, steps)


def is_soft(sketch: Sketch, row: int) -> bool:
    """Whether a row is a blank line that may leave something out."""
    return 0 <= row < len(sketch.rows) and sketch.rows[row].kind is Kind.SOFT


def _gone_for_a_blank(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Lines would go for nothing new but a blank line, which may as well leave them out.

    Where nothing else changes they go: a sketch changes something.
    """
    changes = sum(_is_change(sketch, file, step) for step in steps)
    for rows, lost, new in _replaced(steps):
        own = [loose_key(file.lines[line]) for line in lost]
        shown = [loose_key(sketch.rows[row].text) for row in new]
        cuts = [row for row in rows if is_soft(sketch, row)]
        before = [sum(row < cut for row in new) for cut in cuts]
        doubtful = len(lost) + len(new) < changes and any(_is_left_out(shown, own, count) for count in before)
        if doubtful or (set(shown) <= set(own) and any(cut < max(new, default=rows.stop) for cut in cuts)):
            yield f"Line {lost[0] + 1} may be left out, or is to go: no marker tells."


def _is_change(sketch: Sketch, file: FileLines, step: Step) -> bool:
    if step.what == "match":
        return loose_key(sketch.rows[step.row].text) != loose_key(file.lines[step.line])
    return step.what != "keep"


def _replaced(steps: Sequence[Step]) -> Iterator[tuple[range, list[int], list[int]]]:
    """Between matches: the rows there, the lines that go, and the rows that come in; where any line goes."""
    matched = [index for index, step in enumerate(steps) if step.what == "match"]
    for one, other in pairwise(matched):
        between = steps[one + 1 : other]
        lost = [step.line for step in between if step.what == "delete"]
        if lost and all(step.what != "keep" for step in between):
            new = [step.row for step in between if step.what == "insert"]
            yield range(steps[one].row + 1, steps[other].row), lost, new


def _is_left_out(shown: Sequence[str], own: Sequence[str], count: int) -> bool:
    """Whether what is shown is `own` but for lines that are left out behind the first `count`."""
    rest = len(shown) - count
    return len(own) > len(shown) and [*own[:count], *own[len(own) - rest :]] == shown


def _gone_behind_a_head(sketch: Sketch, file: FileLines, steps: Sequence[Step]) -> Iterator[str]:
    """Lines between the head of a class and a line of it would go for nothing.

    The head may only be there to say what the part belongs to.
    """
    for rows, lost, new in _replaced(steps):
        shown = [loose_key(sketch.rows[row].text) for row in new]
        own = [loose_key(file.lines[line]) for line in lost]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shown, own, strict=False)))
        head = _head(sketch, new[same - 1] if same else rows.start - 1)
        shown, own = shown[same:], own[same:]
        if own and _CLASS.match(head) and (_is_left_out(shown, own, 0) or set(shown[:1]) <= set(own[1:])):
            yield f"What follows {head.strip()!r} may be left out, or is to go: no marker tells."


def _head(sketch: Sketch, row: int) -> str:
    """The line that begins the head that ends on a row, as one that ends with its brace."""
    text = sketch.rows[row].text
    if text.strip() != "{":
        return text
    above = (each.text for each in reversed(sketch.rows[max(0, row - HEAD) : row]) if each.is_solid)
    return next(
        (
            f"{each.rstrip(' {')} {{"
            for each in above
            if width(each) == width(text) and _CLASS.match(f"{each} {{")
        ),
        text,
    )
