"""The ways to read a sketch where the best one has rivals, and how likely a model finds each."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from apply.lines import FileLines
from apply.locate import Location, locate
from apply.problem import TooBigError
from apply.rows import Sketch
from apply.structure import Outline
from engine.cancel import NEVER, CancelToken
from engine.model import Model
from text.lines import split_lines
from text.matching import Change, changes
from text.secrets import redacted

MOST: Final = 8  # readings that are looked at
BEFORE, AFTER = 24, 6  # lines that the model sees before a change, and that count after it
LONGEST_BEFORE, LONGEST_SCORED = 700, 400  # the same in tokens, at most


def readings(sketch: Sketch, file: FileLines, outline: Outline) -> Iterator[Location]:
    """The best reading first; then those in which a row that has a rival place may not have its best one."""
    waiting: list[frozenset[tuple[int, int]]] = [frozenset()]
    seen = set(waiting)
    for _ in range(MOST):
        if not waiting:
            return
        forbidden = waiting.pop(0)
        try:
            found = locate(sketch, file, outline, forbidden)
        except TooBigError:
            continue
        yield found
        at = {step.line: step.row for step in found.steps if step.what == "match"}
        for one, _ in found.rivals:
            other = forbidden | {(at[one], one)} if one in at else forbidden
            if other not in seen:
                seen.add(other)
                waiting.append(other)


def likelihoods(
    before: str, results: Sequence[str], model: Model, cancel: CancelToken = NEVER
) -> list[float]:
    """How likely the model finds what each result changes, in nats: only their differences mean anything.

    Changes that all results share are left out. Each other one is scored by its new lines and those behind
    them, less what those behind were worth before: two passes. What goes is not scored, or else the result
    that deletes most would be the likeliest. Raises Cancelled.
    """
    old = split_lines(before)
    found = [_changes(old, split_lines(result)) for result in results]
    shared = set.intersection(*map(set, found)) if found else set()
    return [
        sum(
            _score(model, new, change.new_start, change.new_end, cancel)
            - _score(model, old, change.old_end, change.old_end, cancel)
            for each, (new, change) in own.items()
            if each not in shared
        )
        for own in found
    ]


def _changes(old: list[str], new: list[str]) -> dict[Hashable, tuple[list[str], Change]]:
    """The changes by what they do, wherever that stands in the new text."""
    return {
        (each.old_start, each.old_end, *new[each.new_start : each.new_end]): (new, each)
        for each in changes(old, new)
    }


def _score(model: Model, lines: list[str], start: int, end: int, cancel: CancelToken) -> float:
    encode = model.tokenizer.encode
    above = encode(redacted("".join(lines[max(0, start - BEFORE) : start])) or "\n")
    below = encode(redacted("".join(lines[start : end + AFTER])))
    return sum(model.score(above[-LONGEST_BEFORE:], below[:LONGEST_SCORED], cancel=cancel))
