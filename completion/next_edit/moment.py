"""What the next edit is searched in: files as they are now, what was just changed in them, and the cursor.

Lines are numbered from 1 and carry no ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

_HEADER: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Change:
    """The lines `old` became `new` at line `start` of `path`; `before` and `after` are the lines around it.

    `start` counts in the file right after the change. Where there is nothing new, something stood before it.
    """

    path: str
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    by_model: bool = False

    @property
    def growth(self) -> int:
        """By how many lines the file became longer."""
        return len(self.new) - len(self.old)

    @property
    def end(self) -> int:
        """The line behind the new ones."""
        return self.start + len(self.new)

    def diff(self) -> str:
        """The change as a unified diff of one hunk."""
        first = self.start - len(self.before)
        around = len(self.before) + len(self.after)
        old = _range(first, len(self.old) + around)
        new = _range(first, len(self.new) + around)
        body = [f" {line}" for line in self.before]
        body += [f"-{line}" for line in self.old] + [f"+{line}" for line in self.new]
        body += [f" {line}" for line in self.after]
        head = [f"--- a/{self.path}", f"+++ b/{self.path}", f"@@ -{old} +{new} @@"]
        return "\n".join([*head, *body, ""])


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that another program says is wrong at columns `start` to `end` of a line, or on from `start`.

    `unused`: what stands there is of no use any more, rather than wrong.
    """

    path: str
    line: int
    start: int
    end: int
    message: str
    unused: bool = False


@dataclass(frozen=True)
class Moment:
    """The state that is asked about. `changes` are oldest first, each counted in the text right after it.

    `files` holds the lines of the file at the cursor and of every other file that may be searched, `problems`
    what has been wrong in them only since the last changes. `column` is how many characters of its line are
    before the cursor, where that says something of what was typed last, and `rested` says that no key was
    pressed since for long enough to think it whole.
    """

    files: Mapping[str, Sequence[str]]
    changes: Sequence[Change]
    path: str
    line: int
    problems: Sequence[Problem] = ()
    column: int | None = None
    rested: bool = False

    @cached_property
    def recent(self) -> tuple[Change, ...]:
        """The changes with `start` as it is now, oldest first."""
        placed: list[Change] = []
        for change in self.changes:
            placed = [
                replace(done, start=max(done.start + change.growth, 1))
                if done.path == change.path and done.start > change.start
                else done
                for done in placed
            ]
            placed.append(change)
        return tuple(placed)

    def is_recent(self, path: str, start: int, end: int) -> bool:
        """Whether any of the lines `start` to `end` - 1 was written by a recent change."""
        return any(
            change.path == path and change.start < max(end, start + 1) and start < change.end
            for change in self.recent
        )


def changes_of(path: str, diff: str) -> Iterator[Change]:
    """The changes of a unified diff, one for each stretch of lines that go or come."""
    now = 0
    old: list[str] = []
    new: list[str] = []
    before: list[str] = []
    found: list[Change] = []
    for line in [*diff.split("\n"), "@@ -1 +1 @@"]:
        header = _HEADER.match(line)
        mark, text = line[:1], line[1:]
        if (header or mark not in "-+" or not mark) and (old or new):
            found.append(Change(path, now - len(new), tuple(old), tuple(new), tuple(before[-3:])))
            before = []
            old, new = [], []
        if header:
            yield from _with_following(found)
            found, before = [], []
            now = int(header[3]) + (header[4] == "0")
        elif line.startswith(("---", "+++")) and now == 0:
            continue
        elif mark == "-":
            old.append(text)
        elif mark == "+":
            new.append(text)
            now += 1
        elif mark == " ":
            before.append(text)
            if found:
                last = found[-1]
                found[-1] = replace(last, after=(*last.after, text))
            now += 1


def _with_following(found: Sequence[Change]) -> Iterator[Change]:
    for change in found:
        yield replace(change, after=change.after[:3])


def _range(first: int, count: int) -> str:
    """A range of a hunk's header, as GNU diff writes it."""
    if count == 1:
        return str(first)
    return f"{first if count else first - 1},{count}"
