"""Places where the next edit may be although nobody knows its text: to jump to, or for a model to write at.

A line that holds a name which a recent change brought in or took away is a place, and so is every place where
something was proposed. They are ranked by weights of their own, fitted on where the next edits were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from completion.next_edit.diagnostics import troubles, weighed
from completion.next_edit.features import features
from completion.next_edit.gate import Weights, rank
from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.tokens import names_of
from completion.next_edit.vetoes import Parsed

MENTION: Final = "mention"
_COMMON: Final = 40  # a name on more lines than this points nowhere
_EACH: Final = 4  # lines of one name in one file
_NAMES: Final = 8  # of one change


def places(moment: Moment, proposals: Sequence[Proposal], fitted: Weights, parsed: Parsed) -> list[Proposal]:
    """Where the next edit is likely to be, best first; what nothing is proposed for keeps its text."""
    candidates = [*proposals, *mentions(moment), *troubles(moment, MENTION, parsed)]
    ranked = rank(candidates, features(moment, candidates), fitted.places)
    return [one.proposal for one in weighed(moment, ranked, parsed)]


def mentions(moment: Moment) -> Iterator[Proposal]:
    """Lines with names that the last changes brought in or took away, those below the cursor first."""
    for age, change in enumerate(moment.recent[::-1][:CHANGES]):
        for name, gone in _telling(change)[:_NAMES]:
            for path, lines in moment.files.items():
                yield from _mentions(moment, age, name, gone, path, lines)


def _telling(change: Change) -> list[tuple[str, bool]]:
    """Names that the change took away (True) or brought in, longest first."""
    old = {name for line in change.old for name in names_of(line)}
    new = {name for line in change.new for name in names_of(line)}
    names = [(name, True) for name in old - new] + [(name, False) for name in new - old]
    return sorted(names, key=lambda named: (-len(named[0]), named[0]))


def _mentions(
    moment: Moment, age: int, name: str, gone: bool, path: str, lines: Sequence[str]
) -> Iterator[Proposal]:
    found = [
        number
        for number, line in enumerate(lines, 1)
        if name in line and name in names_of(line) and not moment.is_recent(path, number, number + 1)
    ]
    if len(found) > _COMMON:
        return
    if path == moment.path:
        found.sort(key=lambda number: (number < moment.line, abs(number - moment.line)))
    for number in found[:_EACH]:
        evidence = {"gone": float(gone), "rare": 1 / len(found), "size": min(len(name) / 16, 1.0)}
        yield Proposal(path, number, 1, (lines[number - 1],), MENTION, age, evidence)
