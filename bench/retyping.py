"""The last change of an evaluation case taken back, to be typed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.next_edit_ensemble import moment_of
from text.matching import common_prefix, common_suffix


@dataclass(frozen=True)
class Retyped:
    """`path` as it was: in `before`, the characters from `start` to `end` go and `typed` comes."""

    path: str
    before: str
    start: int
    end: int
    typed: str

    def after(self, typed: int) -> str:
        """The file once so many characters were typed."""
        return self.before[: self.start] + self.typed[:typed] + self.before[self.end :]


def retyped(case: Mapping[str, Any]) -> Retyped:
    """How the last change of a case is made: what differs goes at once, what is new comes by keys."""
    state = moment_of(case)
    last = state.recent[-1]
    lines = state.files[last.path]
    head, tail = _text(lines[: last.start - 1]), _text(lines[last.end - 1 :])
    old, new = _text(last.old), _text(last.new)
    first = common_prefix(old, new)
    behind = common_suffix(old, new, spare=first)
    start = len(head) + first
    return Retyped(
        last.path,
        head + old + tail,
        start,
        len(head) + len(old) - behind,
        new[first : len(new) - behind],
    )


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
