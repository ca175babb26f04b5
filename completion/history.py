"""What was changed lately in a workspace, as edits a person would count.

Keystrokes at one place without a pause are one edit; another place or a pause begins the next, but a word
that is written in two goes is one edit: nobody wants its first half elsewhere. Undo and redo come as ordinary
changes over LSP: they are recognised by a text that was there before, and the history goes back or forth with
it. Time is passed in (seconds, any origin); nothing here reads a clock.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from completion.next_edit.moment import Change
from text.lines import split_lines
from text.matching import changes as differences

Kind = Literal["edit", "undo", "redo", "none"]

PAUSE: Final = 3.0  # seconds after which an edit at the same place is another one
REACH: Final = 1  # unchanged lines between two changes that are still one place
KEPT: Final = 24  # edits of the workspace
_VERSIONS: Final = 256  # of a file that undo and redo are recognised among
_FILES: Final = 16  # changed last, of which there are versions
_CONTEXT: Final = 3  # lines around an edit
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int  # in the order of the workspace
    began: float
    at: float  # of its last keystroke
    change: Change


class History:
    """The edits of one workspace. Each file's entries are counted in its text right after each of them."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[_Entry, ...]] = {}
        self._versions: OrderedDict[str, OrderedDict[int, tuple[int, tuple[_Entry, ...]]]] = OrderedDict()
        self._current: dict[str, int] = {}
        self._count = 0

    def record(self, path: str, before: str, after: str, at: float, *, by_model: bool = False) -> Kind:
        """Take note that `path` changed from `before` to `after`, and say what kind of change it was.

        `by_model`: what was accepted, which is an edit of its own unless it ends a word that was being typed.
        """
        if before == after:
            return "none"
        versions = self._versions_of(path)
        entries = self._entries.get(path, ())
        number = self._current.get(path, 0)
        versions.setdefault(hash(before), (number, entries))
        known = versions.get(hash(after))
        if known is not None:
            self._current[path], self._entries[path] = known
            return "undo" if known[0] < number else "redo"
        entries = self._extended(path, entries, before, after, at, by_model)
        self._entries[path] = entries
        # What was undone before this edit can no longer be redone.
        for digest in [digest for digest, (version, _) in versions.items() if version > number]:
            del versions[digest]
        self._current[path] = number + 1
        versions[hash(after)] = number + 1, entries
        while len(versions) > _VERSIONS:
            versions.popitem(last=False)
        self._trim()
        return "edit"

    def changes(self, limit: int = KEPT) -> tuple[Change, ...]:
        """The last edits of the workspace, oldest first."""
        return tuple(entry.change for entry in self._last(limit))

    def since(self, limit: int) -> float:
        """When the oldest of the last `limit` edits was begun; infinity where there is none."""
        return min((entry.began for entry in self._last(limit)), default=math.inf)

    def forget(self, path: str) -> None:
        """Drop what is known of a file, for instance because it was read anew from disk."""
        self._entries.pop(path, None)
        self._versions.pop(path, None)
        self._current.pop(path, None)

    def _versions_of(self, path: str) -> OrderedDict[int, tuple[int, tuple[_Entry, ...]]]:
        versions = self._versions.setdefault(path, OrderedDict())
        self._versions.move_to_end(path)
        while len(self._versions) > _FILES:
            self._versions.popitem(last=False)
        return versions

    def _last(self, limit: int) -> list[_Entry]:
        entries = (entry for entries in self._entries.values() for entry in entries)
        return sorted(entries, key=lambda entry: entry.number)[-limit:]

    def _extended(
        self, path: str, entries: tuple[_Entry, ...], before: str, after: str, at: float, by_model: bool
    ) -> tuple[_Entry, ...]:
        old, new = _lines(before), _lines(after)
        newest = max((entry.number for each in self._entries.values() for entry in each), default=-1)
        shift = 0
        for span in _spans(old, new):
            change = Change(
                path,
                span.new_start + 1,
                tuple(old[span.old_start : span.old_end]),
                tuple(new[span.new_start : span.new_end]),
                by_model=by_model,
            )
            last = entries[-1] if entries else None
            # Only what was changed last in the whole workspace goes on: elsewhere means another edit.
            goes_on = (
                last is not None
                and last.number in (newest, self._count - 1)
                and not last.change.by_model
                and _near(last.change, span.old_start + 1 + shift, span.old_end + 1 + shift)
                and ((at - last.at <= PAUSE and not by_model) or _rewrites_a_word(last.change, change))
            )
            if goes_on and last:
                now = [*new[: span.new_start], *change.old, *old[span.old_end :]]  # before this very span
                merged = _merged(last.change, change, now)
                rest = entries[:-1]
                entries = rest if merged.old == merged.new else (*rest, replace(last, at=at, change=merged))
            else:
                entries = (*entries, _Entry(self._count, at, at, change))
                self._count += 1
            shift += change.growth
        return tuple(
            replace(entry, change=_with_context(entry.change, new)) if entry.at == at else entry
            for entry in entries
        )

    def _trim(self) -> None:
        numbers = sorted(entry.number for entries in self._entries.values() for entry in entries)
        if len(numbers) > KEPT:
            oldest = numbers[-KEPT]
            for path, entries in self._entries.items():
                self._entries[path] = tuple(entry for entry in entries if entry.number >= oldest)


@dataclass(frozen=True, slots=True)
class _Span:
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def _spans(old: Sequence[str], new: Sequence[str]) -> list[_Span]:
    """The stretches of lines that differ, those at most REACH apart made one."""
    head, tail = _shared_ends(old, new)
    spans: list[_Span] = []
    for change in differences(old[head : len(old) - tail], new[head : len(new) - tail]):
        span = _Span(*(at + head for at in change))
        if spans and span.old_start - spans[-1].old_end <= REACH:
            span = _Span(spans[-1].old_start, span.old_end, spans.pop().new_start, span.new_end)
        spans.append(span)
    return spans


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines both begin with, and how many of the rest both end with."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _near(change: Change, start: int, end: int) -> bool:
    """Whether lines `start` to `end` - 1 touch what a change wrote, or almost."""
    return start <= change.end + REACH and end >= change.start - REACH


def _rewrites_a_word(first: Change, second: Change) -> bool:
    """Whether the second does nothing but change a word that the first has written, or go on with it."""
    if len(first.old) != 1 or len(second.new) != 1 or first.new != second.old or first.start != second.start:
        return False
    (line,), (after,) = first.new, second.new
    start, end = _differing(line, first.old[0])
    changed, until = _differing(line, after)
    inserted = after[changed : len(after) - (len(line) - until)]
    for word in _WORD.finditer(line):
        if word.start() < end and word.end() > start and word.start() <= changed and until <= word.end():
            return not inserted or bool(_WORD.fullmatch(inserted))
    return False


def _differing(line: str, other: str) -> tuple[int, int]:
    """The part of `line` that `other` has otherwise."""
    head, tail = _shared_ends(line, other)
    return head, len(line) - tail


def _merged(first: Change, second: Change, now: Sequence[str]) -> Change:
    """One change that does both; `now` are the lines between the two, which `second.old` are part of."""
    start = min(first.start, second.start)
    end = max(first.end, second.start + len(second.old))
    above, below = now[start - 1 : first.start - 1], now[first.end - 1 : end - 1]
    old = (*above, *first.old, *below)
    between = now[start - 1 : end - 1]
    at = second.start - start
    new = (*between[:at], *second.new, *between[at + len(second.old) :])
    return _trimmed(Change(first.path, start, tuple(old), tuple(new)))


def _trimmed(change: Change) -> Change:
    """The change without lines that it replaces by themselves."""
    old, new = change.old, change.new
    head, tail = _shared_ends(old, new)
    return replace(
        change, start=change.start + head, old=old[head : len(old) - tail], new=new[head : len(new) - tail]
    )


def _with_context(change: Change, lines: Sequence[str]) -> Change:
    first = max(change.start - 1 - _CONTEXT, 0)
    before = tuple(lines[first : change.start - 1])
    return replace(change, before=before, after=tuple(lines[change.end - 1 : change.end - 1 + _CONTEXT]))


def _lines(text: str) -> list[str]:
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    return lines[:-1] if lines[-1] == "" else lines
