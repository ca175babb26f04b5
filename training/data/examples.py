"""The records of the training sets. The order of the fields is the format: append, never reorder.

Lines are numbered from 1 in the file as it stands at that moment, and carry no ending.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class RecentEdit(msgspec.Struct, frozen=True, array_like=True):
    """One edit that was just made, as a unified diff against the file before it."""

    path: str
    diff: str


class Excerpt(msgspec.Struct, frozen=True, array_like=True):
    """Consecutive lines of a file as it is now, the first being line `start`."""

    path: str
    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """The line behind the last one."""
        return self.start + len(self.lines)


class Place(msgspec.Struct, frozen=True, array_like=True):
    """`count` lines from `start`, or the gap before `start`, where the next edit may or may not be.

    `origin` says how it came to be a candidate: target (the right answer), later (an edit of the same commit
    that comes after the target: right in another order), applied (already done), mention (a line with a name
    that the recent edits touch), near (close to the cursor).
    """

    path: str
    start: int
    count: int
    origin: str


class Target(msgspec.Struct, frozen=True, array_like=True):
    """The next edit: at `places[place]` the lines `old` become `new`.

    `reached` names the search that proposes a place on its lines: mention, near, or "" for neither.
    """

    place: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    reached: str


class NextEdit(msgspec.Struct, frozen=True, array_like=True):
    """A moment in a commit: `step` of its `hunks` are applied and what comes next is asked for.

    With every hunk applied `target` is None and silence is right. Every place lies in an excerpt, with at
    least `places.AROUND` lines on both sides where the file has them; one place, the target where there is
    one, with `places.FOCUS`. `novel` counts the names in the new lines that stand in none of the commit's
    files or edits.
    """

    repository: str
    commit: str
    language: str
    cls: str
    step: int
    hunks: int
    novel: int
    edits: tuple[RecentEdit, ...]
    cursor: Place
    excerpts: tuple[Excerpt, ...]
    places: tuple[Place, ...]
    target: Target | None


class FillInMiddle(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a file taken out: `prefix` + `middle` + `skipped` lines that are in neither + `suffix`.

    Lines are skipped where code that is not written yet would stand. `kind` says how the cut was made; see
    fill_in_middle.py.
    """

    repository: str
    commit: str
    path: str
    language: str
    kind: str
    prefix: str
    middle: str
    suffix: str
    skipped: int


def window(excerpts: Sequence[Excerpt], place: Place, before: int, after: int) -> Excerpt:
    """Up to so many lines around `place`, as far as the excerpt that holds it reaches."""
    holder = next(e for e in excerpts if e.path == place.path and e.start <= place.start <= e.end)
    first = max(place.start - before, holder.start)
    last = min(place.start + place.count + after, holder.end)
    return Excerpt(place.path, first, holder.lines[first - holder.start : last - holder.start])


class SearchPair(msgspec.Struct, frozen=True, array_like=True):
    """A question and a definition that answers it, without its documentation.

    `kind` is doc (the first sentence of the documentation) or commit (the subject of a commit that changed
    it); `name` is qualified.
    """

    repository: str
    commit: str
    path: str
    language: str
    kind: str
    query: str
    name: str
    code: str


class ApplyTriple(msgspec.Struct, frozen=True, array_like=True):
    """A file, a sketch of a change in it, and the file after the change.

    `style` is a way of writing sketches (bench/sketching), or other_file where the sketch is meant for
    another file and nothing of it may be taken over: there `expected` is `original`.
    """

    repository: str
    commit: str
    path: str
    language: str
    style: str
    original: str
    sketch: str
    expected: str


class BugPair(msgspec.Struct, frozen=True, array_like=True):
    """A function with one wrong statement, and the same function without it; both dedented.

    `source` is injected (by an operator of bug_operators.py, into code that is taken to be right) or mined (a
    commit that mends it). `kind` is the operator that makes the one of the other, or "other" where none does.
    `first` and `count` are the wrong lines of `buggy`, from 1; with a count of 0 something is missing before
    `first`.
    """

    repository: str
    commit: str
    path: str
    language: str
    source: str
    kind: str
    function: str
    buggy: str
    fixed: str
    first: int
    count: int
