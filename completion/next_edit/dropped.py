"""What is left of a name that a change took away: its argument, its line, its block, its import go too.

A name whose definition, import or parameter was removed is undefined wherever else it stands; one whose last
use was removed is of no use where it is brought in. What becomes of such a place is seldom more than that it
goes, so the smallest piece of code around the name is proposed to go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.substitution import rules_of
from completion.next_edit.tokens import indent_of, names_of
from completion.next_edit.units import CLOSED, edge, unit

DROPPED: Final = "dropped"
_NAMES: Final = 8  # of one change
_COMMON: Final = 12  # a name on more lines of a file is not gone
_BLOCK: Final = 40  # lines of a block that goes
_LONGEST: Final = 30  # lines that go at once
_BINDS: Final = (
    r"\b(?:def|class|fn|func|function|struct|enum|type|interface|const|let|var|import|use|from|as|mod|"
    r"static|trait|#define)\b[^=(]*\b{0}\b|^\s*(?:[\w.*&:<>\[\], ]+\s)?{0}\s*(?::[^=]*)?=[^=]|\b{0}\s*:"
)


class _Gone(NamedTuple):
    """A name that a change took away; `bound` where it was defined, imported or declared there."""

    name: str
    age: int
    bound: bool


def dropped(moment: Moment) -> Iterator[Proposal]:
    """The removal of every piece of code that names what the last changes took away."""
    gone = list(_gone(moment))
    for path, lines in moment.files.items():
        found: list[tuple[_Gone, list[int]]] = []
        for one in gone:
            at = [
                index
                for index, line in enumerate(lines)
                if one.name in line
                and one.name in names_of(line)
                and not moment.is_recent(path, index + 1, index + 2)
            ]
            if 0 < len(at) <= _COMMON:
                found.append((one, at))
        for one, at in found:
            yield from _items(path, lines, one, at)
        yield from _pieces(moment, path, lines, found)


def _gone(moment: Moment) -> Iterator[_Gone]:
    """Names that one of the last changes took away and none brought back or put another in the place of."""
    recent = moment.recent[::-1][:CHANGES]
    written: set[str] = set()
    for age, change in enumerate(recent):
        new = {name for line in change.new for name in names_of(line)}
        old = {name for line in change.old for name in names_of(line)}
        renamed = {rule.old[0] for rule in rules_of(change) if rule.is_rename}
        names = sorted(old - new - written - renamed, key=lambda name: (-len(name), name))
        written |= new
        for name in [name for name in names if len(name) > 2][:_NAMES]:
            yield _Gone(name, age, _binds(change, name))


def _binds(change: Change, name: str) -> bool:
    pattern = re.compile(_BINDS.format(re.escape(name)))
    return any(name in line and pattern.search(line) for line in change.old)


def _items(path: str, lines: Sequence[str], one: _Gone, at: Sequence[int]) -> Iterator[Proposal]:
    """Arguments, entries and imported names that go from a list on one line."""
    for index in at:
        line = lines[index]
        shorter = without_item(line, one.name)
        if shorter is not None:
            yield _proposal(path, index, 1, (shorter,), one, at, "item")


def without_item(line: str, name: str) -> str | None:
    """The line without the item of a list that names `name`; None where it stands in no list with others."""
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line)
    if not match:
        return None
    start, opened = edge(line, match.start(), -1)
    end, closed = edge(line, match.end(), 1)
    if opened == ",":
        if not closed:  # the last of a line, with what it ends in
            end = len(line.rstrip().rstrip(";"))
        return line[: start - 1].rstrip() + line[end:]
    if closed == "," and end < len(line.rstrip()) - 1:
        if opened:
            return line[:start] + line[end + 1 :].lstrip()
        keyword = re.match(r"\s*(?:from\s+\S+\s+import|import|use|global|nonlocal|const|let|var)\s+", line)
        begin = keyword.end() if keyword and keyword.end() <= match.start() else len(indent_of(line))
        return line[:begin] + line[end + 1 :].lstrip()
    return None


def _pieces(
    moment: Moment, path: str, lines: Sequence[str], found: Sequence[tuple[_Gone, list[int]]]
) -> Iterator[Proposal]:
    """Statements and blocks that go; those that follow each other also as one."""
    spans: dict[int, tuple[int, _Gone, Sequence[int], str]] = {}
    for one, at in found:
        for index in at:
            size = unit(lines, index, _BLOCK)
            if not size or index in spans:
                continue
            form = "line" if size == 1 else "block"
            if re.match(r"\s*(?:import|from|use|#\s*include)\b", lines[index]):
                form = "import"
            spans[index] = size, one, at, form
    run: list[int] = []
    for index in [*sorted(spans), -1]:
        if run and index >= 0 and index <= run[-1] + spans[run[-1]][0]:
            run.append(index)
            continue
        if len(run) > 1:
            size = run[-1] + spans[run[-1]][0] - run[0]
            if size <= _LONGEST:
                _, one, places, form = spans[run[0]]
                yield from _removal(moment, path, lines, run[0], size, one, places, "several")
        for each in run:
            size, one, places, form = spans[each]
            yield from _removal(moment, path, lines, each, size, one, places, form)
        run = [index]


def _removal(
    moment: Moment,
    path: str,
    lines: Sequence[str],
    at: int,
    size: int,
    one: _Gone,
    places: Sequence[int],
    form: str,
) -> Iterator[Proposal]:
    """Lines that go, with a blank one where two would be left, or one before what closes a block."""
    end = at + size
    while end - 1 > at and not lines[end - 1].strip():
        end -= 1
    above = lines[at - 1].strip() if at else ""
    below = lines[end].strip() if end < len(lines) else ""
    start = at
    if not above and not below and end < len(lines):
        end += 1
        while (
            size > 1 and end < len(lines) and not lines[end].strip() and at > 1 and not lines[at - 2].strip()
        ):
            end += 1
    elif not above and below[:1] in CLOSED and at > 0 and below:
        start -= 1
    if end - start <= _LONGEST and not moment.is_recent(path, start + 1, end + 1):
        yield _proposal(path, start, end - start, (), one, places, form)


def _proposal(
    path: str, at: int, count: int, new: tuple[str, ...], one: _Gone, places: Sequence[int], form: str
) -> Proposal:
    evidence = {
        "item": float(form == "item"),
        "block": float(form == "block"),
        "import": float(form == "import"),
        "several": float(form == "several"),
        "bound": float(one.bound),
        "places": 1 / len(places),
        "size": min(len(one.name) / 16, 1.0),
        "lines": min(count / 8, 1.0),
    }
    return Proposal(path, at + 1, count, new, DROPPED, one.age, evidence)
