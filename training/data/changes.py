"""Changes of files as hunks in order, the way the evaluation cases count them.

Lines are numbered from 1 and carry no ending. Hunks of a change are ordered by path and line and applied in
that order, so that a hunk's own place in the file *now* is its old place moved by what was applied above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

CONTEXT = 3  # lines around a hunk in a diff
JOIN = 1  # hunks with at most so many unchanged lines between them are one

_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


class Hunk(NamedTuple):
    """The lines `old` from `start` of `path` become `new`; with none, `new` is inserted before `start`."""

    path: str
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def end(self) -> int:
        """The line behind the old ones."""
        return self.start + len(self.old)

    @property
    def growth(self) -> int:
        """By how many lines the file becomes longer."""
        return len(self.new) - len(self.old)

    def moved(self, lines: int) -> Hunk:
        """The same hunk so many lines further down."""
        return self._replace(start=self.start + lines)


class PatchError(ValueError):
    """A patch that cannot be read as text in UTF-8."""


def parse_patch(patch: bytes) -> list[Hunk]:
    """The hunks of git's patch without context lines, ordered by path and line. Raises PatchError."""
    hunks: list[Hunk] = []
    path = ""
    lines = patch.split(b"\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith(b"+++ "):
            path = _path(line)
        elif header := _HEADER.match(line):
            start, count = int(header[1]), int(header[2] or 1)
            end = at
            while end < len(lines) and lines[end][:1] in (b"-", b"+", b"\\"):
                end += 1
            body = lines[at:end]
            hunks.append(Hunk(path, start + (count == 0), _side(body, b"-"), _side(body, b"+")))
            at = end
    return sorted(hunk for hunk in hunks if hunk.old != hunk.new)


def count_joined(hunks: Sequence[Hunk]) -> int:
    """How many hunks `joined` would leave, without the files."""
    return len(hunks) - sum(_are_close(first, second) for first, second in pairwise(hunks))


def joined(hunks: Iterable[Hunk], files: dict[str, list[str]]) -> tuple[Hunk, ...]:
    """`hunks` with those at most JOIN lines apart made one. `files` are the lines before the change."""
    result: list[Hunk] = []
    for hunk in hunks:
        if result and _are_close(result[-1], hunk):
            last = result.pop()
            between = tuple(files[hunk.path][last.end - 1 : hunk.start - 1])
            hunk = Hunk(last.path, last.start, last.old + between + hunk.old, last.new + between + hunk.new)
        result.append(hunk)
    return tuple(result)


def fits(hunk: Hunk, lines: Sequence[str]) -> bool:
    """Whether the old lines stand where the hunk says."""
    return tuple(lines[hunk.start - 1 : hunk.end - 1]) == hunk.old


def apply(hunk: Hunk, lines: list[str]) -> None:
    """Carry the hunk out, in place."""
    lines[hunk.start - 1 : hunk.end - 1] = hunk.new


def as_diff(hunk: Hunk, lines: Sequence[str]) -> str:
    """The unified diff of one hunk against the file before it, with CONTEXT lines around it."""
    first = max(hunk.start - 1 - CONTEXT, 0)
    before = lines[first : hunk.start - 1]
    after = lines[hunk.end - 1 : hunk.end - 1 + CONTEXT]
    around = len(before) + len(after)
    old = _range(first, around + len(hunk.old))
    new = _range(first, around + len(hunk.new))
    body = [f" {line}" for line in before]
    body += [f"-{line}" for line in hunk.old] + [f"+{line}" for line in hunk.new]
    body += [f" {line}" for line in after]
    return "\n".join([f"--- a/{hunk.path}", f"+++ b/{hunk.path}", f"@@ -{old} +{new} @@", *body, ""])


def is_blank_change(hunk: Hunk) -> bool:
    """Whether nothing but white space changes."""
    return _squeezed(hunk.old) == _squeezed(hunk.new)


def is_formatting(hunk: Hunk) -> bool:
    """Whether nothing changes but white space, kinds of quotes, and commas or parentheses that wrap lines."""
    return _LAYOUT.sub("", "\n".join(hunk.old)) == _LAYOUT.sub("", "\n".join(hunk.new))


def change_digest(hunks: Sequence[Hunk]) -> str:
    """Names a change by its lines alone: the same patch in a fork or on another branch is no news."""
    lines = (line for hunk in hunks for side in (hunk.old, ("=>",), hunk.new) for line in side)
    return blake2b("\n".join("".join(line.split()) for line in lines).encode(), digest_size=8).hexdigest()


_LAYOUT = re.compile(r"[\s\"'`,;()]+")


def _are_close(first: Hunk, second: Hunk) -> bool:
    return first.path == second.path and second.start - first.end <= JOIN


def _path(line: bytes) -> str:
    try:
        return line[len("+++ b/") :].decode("utf-8").rstrip("\t")
    except UnicodeDecodeError as error:
        raise PatchError(str(error)) from error


def _side(body: Iterable[bytes], sign: bytes) -> tuple[str, ...]:
    try:
        return tuple(line[1:].decode("utf-8") for line in body if line.startswith(sign))
    except UnicodeDecodeError as error:
        raise PatchError(str(error)) from error


def _range(first: int, count: int) -> str:
    """A range of a hunk's header, as GNU diff and Python write it; `first` counts from 0."""
    if count == 1:
        return str(first + 1)
    return f"{first + 1 if count else first},{count}"


def _squeezed(lines: Iterable[str]) -> str:
    return "".join("".join(lines).split())
