"""What came in beside a sibling comes in wherever the sibling stands: parameters, fields, cases, entries.

A new name between two others in a list, or on a line of its own between lines like it, is likely to be
wanted wherever these others are listed: as an argument, an assignment, another list's entry. The sibling's
own item is copied there with the new name in place of its name, in every way of writing it (`max_age`,
`maxAge`, `MAX_AGE`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from completion.next_edit.moment import Change, Moment
from completion.next_edit.names import renamings
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.tokens import is_name, names_of, tokens_of
from completion.next_edit.units import CLOSED, OPEN, edge, unit
from text.matching import changes

SIBLING: Final = "sibling"
_PAIRS: Final = 6  # of one change
_PLACES: Final = 30  # of one pair in one file
_NEAR: Final = 2  # lines around a place that must not hold the new name already
_COMMENT: Final = ("#", "//", "*", "/*", "--", '"""')


class Pair(NamedTuple):
    """`new` was put right behind `sibling`, or right before it; `other` is what stands on its other side."""

    sibling: str
    new: str
    behind: bool
    other: str


def siblings(moment: Moment) -> Iterator[Proposal]:
    """Copies of siblings' items with the new name, beside them."""
    for age, change in enumerate(moment.recent[::-1][:CHANGES]):
        for pair in pairs_of(change):
            values = renamings(pair.sibling, pair.new)
            pattern = re.compile(
                r"(?<![^\W_])(?:" + "|".join(map(re.escape, values)) + r")(?![^\W_])|" + _humps(values)
            )
            for path, lines in moment.files.items():
                yield from _copies(moment, age, pair, values, pattern, path, lines)


def pairs_of(change: Change) -> tuple[Pair, ...]:
    """The new names of a change with the siblings they were put beside."""
    if not change.new or len(change.new) > 40:
        return ()
    known = {name for line in (*change.old, *change.before, *change.after) for name in names_of(line)}
    pairs: dict[Pair, None] = {}
    rows = [*change.before[-1:], *change.new, *change.after[:1]]
    first = len(change.before[-1:])
    stayed = set(change.old)
    for index in range(first, first + len(change.new)):
        line = rows[index]
        if line in stayed or not names_of(line) - known or line.lstrip().startswith(_COMMENT):
            continue
        above = rows[index - 1] if index else ""
        below = rows[index + 1] if index + 1 < len(rows) else ""
        lower, upper = _aligned(line, above, known), _aligned(line, below, known)
        for new, sibling in lower.items():
            pairs.setdefault(Pair(sibling, new, True, upper.get(new, "")))
        for new, sibling in upper.items():
            pairs.setdefault(Pair(sibling, new, False, lower.get(new, "")))
        for pair in _inline(line, known):
            pairs.setdefault(pair)
    return tuple(pairs)[:_PAIRS]


def _humps(values: Mapping[str, str]) -> str:
    """A pattern for the capitalised forms inside a longer name in camel case."""
    capital = [
        re.escape(value)
        for value in values
        if value[:1].isupper() and not value.isupper() and "_" not in value
    ]
    return "(?<=[a-z])(?:" + "|".join(capital or ["(?!)"]) + ")(?![a-z])"


def _aligned(line: str, neighbour: str, known: set[str]) -> dict[str, str]:
    """New names of `line`, each with the name that stands in its place in a neighbour like it."""
    here, there = (
        [t for t in tokens_of(line) if not t.isspace()],
        [t for t in tokens_of(neighbour) if not t.isspace()],
    )
    if not there:
        return {}
    found: dict[str, str] = {}
    for span in changes(there, here):
        olds = [token for token in there[span.old_start : span.old_end] if is_name(token)]
        news = [token for token in here[span.new_start : span.new_end] if is_name(token)]
        if olds and news and news[0] not in known and olds[0] not in names_of(line):
            found.setdefault(news[0], olds[0])
    return dict(list(found.items())[:2])


def _inline(line: str, known: set[str]) -> Iterator[Pair]:
    """New names in a list on one line, with the names of the items beside them."""
    items = [re.findall(r"[^\W\d]\w+", item) for item in re.split(r"[,(\[{)\]}]", line)]
    heads = [next((name for name in item if is_name(name)), "") for item in items]
    for index, head in enumerate(heads):
        if head and head not in known:
            left = heads[index - 1] if index and heads[index - 1] in known else ""
            right = heads[index + 1] if index + 1 < len(heads) and heads[index + 1] in known else ""
            if left:
                yield Pair(left, head, True, right)
            if right:
                yield Pair(right, head, False, left)


def _copies(
    moment: Moment,
    age: int,
    pair: Pair,
    values: Mapping[str, str],
    pattern: re.Pattern[str],
    path: str,
    lines: Sequence[str],
) -> Iterator[Proposal]:
    news = set(values.values())
    places: list[tuple[int, int, tuple[str, ...], float, str]] = []
    for at, line in enumerate(lines):
        if len(line) > 400 or not pattern.search(line) or moment.is_recent(path, at + 1, at + 2):
            continue
        around = "\n".join(lines[max(at - _NEAR, 0) : at + _NEAR + 1])
        if any(new in around for new in news):
            continue
        copied = _replaced(pattern, values, line)
        if copied == line:
            continue
        beside = lines[at + 1 if pair.behind else at - 1] if 0 < at < len(lines) - 1 else ""
        flanked = float(bool(pair.other) and (pair.other in beside or pair.other in line))
        exact = float(pair.sibling in names_of(line))
        inline = _in_list(line, pattern, values, pair.behind)
        if inline is not None:
            places.append((at + 1, 1, (inline,), flanked, "item"))
        size = unit(lines, at)
        start = at + 1 + size if pair.behind else at + 1
        if size and not moment.is_recent(path, start, start):
            copy = tuple(_realigned(one, _replaced(pattern, values, one)) for one in lines[at : at + size])
            places.append((start, 0, copy, flanked + exact / 4, "line" if size == 1 else "block"))
        if len(places) > _PLACES:
            return
    for start, count, new, flanked, form in places:
        evidence = {
            "item": float(form == "item"),
            "block": float(form == "block"),
            "exact": 1.0 if form == "item" else (flanked % 1) * 4,
            "flanked": float(flanked >= 1),
            "behind": float(pair.behind),
            "alone": float(len(values) <= 5),
            "places": 1 / len(places),
            "balanced": float(new[0].rstrip().endswith((",", ";"))),
            "size": min(len(pair.sibling) / 16, 1.0),
        }
        yield Proposal(path, start, count, new, SIBLING, age, evidence)


def _replaced(pattern: re.Pattern[str], values: Mapping[str, str], text: str) -> str:
    return pattern.sub(lambda match: values.get(match[0], match[0]), text)


def _realigned(line: str, copy: str) -> str:
    """A copy with the blanks of a column made as wide as its own words leave room for."""
    gaps = [match.start() for match in re.finditer(r"(?<=\S) {2,}(?=\S)", line)]
    if len(gaps) != 1:
        return copy
    width = len(line) - len(line[gaps[0] :].lstrip())
    gap = re.search(r"(?<=\S) {2,}(?=\S)", copy)
    return copy if not gap or gap.start() >= width else copy[: gap.start()].ljust(width) + copy[gap.end() :]


def _in_list(line: str, pattern: re.Pattern[str], values: Mapping[str, str], behind: bool) -> str | None:
    """The line with a copy of the sibling's item in its list; None where it stands in none."""
    for match in pattern.finditer(line):
        start, opened = edge(line, match.start(), -1)
        end, closed = edge(line, match.end(), 1)
        if not opened and not closed:
            continue
        if not (opened in OPEN + "," and closed in CLOSED + ","):
            continue
        item = line[start:end].strip()
        if not item or (opened == "" and closed == "," and end == len(line.rstrip()) - 1):
            continue  # an item on a line of its own
        if opened == "" or closed == "":
            continue
        copy = _replaced(pattern, values, item)
        if behind:
            return f"{line[:end].rstrip()}, {copy}{line[end:]}"
        lead = line[start:end][: len(line[start:end]) - len(line[start:end].lstrip())]
        return f"{line[:start]}{lead}{copy}, {line[start:].lstrip()}"
    return None
