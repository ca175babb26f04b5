"""Numbers before the lines of a sketch, as tools print files: copied, they are no part of the code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(r" *(\d+)(?:\t| ?[|│] ?| ?: ?| {2}|$)")  # blanks behind it may be the line's own
_FORMS = tuple(
    re.compile(rf" *\d+{form}") for form in (r"\t", r" ?[|│] ", r" ?[|│]", r": ", r":", r" {2}", r" ")
)


def without_numbers(text: str, file: Sequence[str]) -> str:
    """`text` without the numbers of its lines, where it has them; `file` is the lines that it is to change.

    Where it has them, they rise, nearly all lines have one, and no line stands in the file with its number.
    """
    lines = text.split("\n")
    shown = [line for line in lines if line.strip()]
    found = [match for line in shown if (match := _NUMBER.match(line))]
    if len(found) < 2 or len(found) < 0.6 * len(shown):
        return text
    numbers = [int(match[1]) for match in found]
    if any(one >= other for one, other in pairwise(numbers)):
        return text
    known = {line.strip() for line in file}
    if any(line.strip() in known and _NUMBER.match(line) for line in shown):
        return text
    full = [line for line in shown if re.search(r"\d\W+\w", line) and _NUMBER.match(line)]
    form = next((form for form in _FORMS if all(map(form.match, full))), None)
    if form is None:
        return text
    return "\n".join(form.sub("", line, count=1) if form.match(line) else _bare(line) for line in lines)


def _bare(line: str) -> str:
    """A line that has no number, or, where it is blank, nothing but a number."""
    return "" if re.fullmatch(r" *\d+ ?[|│:]? *", line) else line
