"""Prompt version next_edit_v1: the model continues a diff at a given place.

First come the recent edits as unified hunks, oldest first; then the lines around the place as they are now;
then a hunk that begins some lines before the place. In this example a parameter was added and stored, and the
place is line 8:

    <file_sep>--- a/shop/cart.py
    +++ b/shop/cart.py
    @@ -4 +4 @@
    -    def add(self, item):
    +    def add(self, item, qty=1):
             self.items.append(item)
    @@ -4 +4 @@
         def add(self, item, qty=1):
    -        self.items.append(item)
    +        self.items.append((item, qty))
    <file_sep>shop/cart.py
            self.items.append((item, qty))

        def total(self):
            return sum(item.price for item in self.items)

        def clear(self):
            self.items = []
    <file_sep>--- a/shop/cart.py
    +++ b/shop/cart.py
    @@ -5 +5 @@
             self.items.append((item, qty))

         def total(self):
    -        return sum(item.price for item in self.items)
    +        return sum(item.price * qty for item, qty in self.items)

The model writes from the first `-` on, or from the first `+` where it is told which lines are to go. The
first character of a diff's line, its mark, is a token of its own: so a line has the same tokens wherever it
stands, and each decision is one token. A blank says that the next line stays, `-` that it goes (its text is
known, so that it costs one pass), `+` that a line is written. A blank at once is *keep*: nothing changes
here. A blank after `-` or `+` ends the change. So the score of a place is how unlikely a blank is there, and
one pass over a hunk of blanks scores every line of it.

What changes least comes first: all places of a state share the edits, and a place costs little beyond its own
lines. Where the edits have become too many, the oldest are left out four at a time, for the same reason.

A shipped version is never edited: predictions on record were made with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from completion.prompt import Encoder

VERSION: Final = "next_edit_v1"

HISTORY: Final = 900  # tokens of recent edits
HUNK_LINES: Final = 40  # of one recent edit
AROUND: Final = 8  # lines shown before and behind a place
LEAD: Final = 3  # unchanged lines that a place's hunk begins with
_DROPPED: Final = 4  # edits that are left out at once

KEEP, DROP, ADD = " ", "-", "+"
_SEPARATORS: Final = ("<|file_sep|>", "<file_sep>")
_CHANGE: Final = re.compile(r"(?:[-+].*\n)*")
_HEADER: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


class Vocabulary(Encoder, Protocol):
    """The part of `engine.model.Tokenizer` that this version needs."""

    def special(self, name: str) -> int | None:
        """Return the id of a control token, or None where there is none of this name."""
        ...


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """An edit that was made, as a unified diff of one or several hunks."""

    path: str
    diff: str


@dataclass(frozen=True, slots=True)
class View:
    """Consecutive lines of a file as it is now, without their endings; the first is line `start`, from 1."""

    path: str
    start: int
    lines: Sequence[str]

    def between(self, first: int, end: int) -> Sequence[str]:
        """Return lines `first` to `end` - 1 of the file, as far as they are in view."""
        return self.lines[max(first - self.start, 0) : max(end - self.start, 0)]

    def around(self, place: int, margin: int = AROUND) -> View:
        """Return the part that shows line `place` and `margin` lines on both sides."""
        first = max(place - margin, self.start)
        return View(self.path, first, self.between(first, place + margin + 1))


class Format:
    """Writes the parts of a prompt as tokens. A prompt is history + view + lead (+ what is known to go)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.marks = {mark: self._single(mark) for mark in (KEEP, DROP, ADD)}
        named = (vocabulary.special(name) for name in _SEPARATORS)
        self._separator = [token for token in named if token is not None][:1]

    def history(self, edits: Sequence[RecentEdit], budget: int = HISTORY) -> list[int]:
        """Return the edits, oldest first: at most `budget` tokens of the newest."""
        hunks = [(edit.path, self._hunk(hunk)) for edit in edits for hunk in _hunks(edit.diff)]
        first = 0
        while len(tokens := self._filed(hunks[first:])) > budget and first < len(hunks) - 1:
            first = min(first + _DROPPED, len(hunks) - 1)
        return tokens[:budget]

    def view(self, view: View) -> list[int]:
        """Return lines of the file as they are now."""
        text = "".join(f"{line}\n" for line in view.lines)
        return [*self._separator, *self._encode(f"{view.path}\n"), *self._encode(text)]

    def lead(self, view: View, place: int, lines: int = LEAD) -> list[int]:
        """Return the beginning of the hunk for line `place`: its header and up to `lines` lines before."""
        first = max(place - lines, view.start)
        return self.header(view, first) + self.lines(KEEP, view.between(first, place))

    def header(self, view: View, first: int) -> list[int]:
        """Return the head of a hunk that begins at line `first`."""
        return [*self._file(view.path), *self._encode(f"@@ -{first} +{first} @@\n")]

    def lines(self, mark: str, lines: Sequence[str]) -> list[int]:
        """Return lines of a diff that all have the same mark."""
        return [token for line in lines for token in (self.marks[mark], *self._encode(f"{line}\n"))]

    def rewrite(
        self,
        edits: Sequence[RecentEdit],
        view: View,
        place: int,
        old: Sequence[str],
        budget: int = HISTORY,
    ) -> list[int]:
        """Return the prompt that asks what the lines `old` at `place` become; without any: what comes there.

        The output then starts with the first new line or, where lines go and none come, with a blank. For an
        insertion the mark of its first line is given too.
        """
        going = self.lines(DROP, old) or [self.marks[ADD]]
        return self.history(edits, budget) + self.view(view) + self.lead(view, place) + going

    def _filed(self, hunks: Sequence[tuple[str, list[int]]]) -> list[int]:
        tokens: list[int] = []
        before = ""
        for path, hunk in hunks:
            if path != before:
                tokens += self._file(path)
            tokens += hunk
            before = path
        return tokens

    def _file(self, path: str) -> list[int]:
        return [*self._separator, *self._encode(f"--- a/{path}\n+++ b/{path}\n")]

    def _hunk(self, hunk: Sequence[str]) -> list[int]:
        header, *body = hunk
        tokens = self._encode(f"{header}\n")
        for line in body[:HUNK_LINES]:
            tokens += self.lines(line[0], [line[1:]])
        return tokens

    def _encode(self, text: str) -> list[int]:
        return self._vocabulary.encode(text)

    def _single(self, mark: str) -> int:
        (token,) = self._encode(mark)
        return token


def ended(output: str) -> bool:
    """Whether the change is complete: a line begins with neither `-` nor `+`."""
    rest = output[len(_change(output)) :]
    return bool(rest) and rest[0] not in (DROP, ADD)


def new_lines(output: str) -> list[str]:
    """Return the lines that an output writes. A last line that is not complete does not count."""
    return [line[1:] for line in _change(output).split("\n") if line.startswith(ADD)]


def _change(output: str) -> str:
    """The complete lines at the start of `output` that go or come."""
    match = _CHANGE.match(output)
    return match[0] if match else ""


def _hunks(diff: str) -> Iterator[list[str]]:
    """The hunks of a unified diff: a short header each, then lines with their marks."""
    hunk: list[str] = []
    for line in diff.split("\n"):
        header = _HEADER.match(line)
        if header:
            if hunk:
                yield hunk
            hunk = [f"@@ -{header[1]} +{header[2]} @@"]
        elif hunk and line[:1] in (KEEP, DROP, ADD) and line:
            hunk.append(line)
    if hunk:
        yield hunk
