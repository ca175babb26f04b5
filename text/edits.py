"""One edit algebra for everything that changes text.

An edit list is sorted and disjoint, and all its offsets count code points of the text *before* the list.
Edits may touch, and several insertions may share a place: they are written in list order. Every function here
is pure.

    EditError                 an edit list that breaks the rules above, or does not fit its text
    └── ReversedRangeError    a range that ends before it starts
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain

import msgspec

from text.matching import Change, changes, common_prefix, common_suffix


class Edit(msgspec.Struct, frozen=True):
    """Replace the half-open range [start, end) by `new`."""

    start: int
    end: int
    new: str


class EditError(ValueError):
    """An edit list that is not sorted, not disjoint, or does not fit its text."""


class ReversedRangeError(EditError):
    """A range that ends before it starts."""


def validate(edits: Sequence[Edit], length: int) -> None:
    """Raise EditError unless `edits` are sorted, disjoint, and inside a text of `length` code points."""
    floor = 0
    for edit in edits:
        if edit.end < edit.start:
            raise ReversedRangeError(f"the edit ends at {edit.end}, before it starts at {edit.start}")
        if edit.start < floor:
            raise EditError(f"the edit at {edit.start} starts before {floor}, where its predecessor ends")
        if edit.end > length:
            raise EditError(f"the edit ends at {edit.end}, beyond the text's {length} characters")
        floor = edit.end


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after `edits`. Raises EditError where they do not fit it."""
    validate(edits, len(text))
    parts = []
    done = 0
    for edit in edits:
        parts += [text[done : edit.start], edit.new]
        done = edit.end
    return "".join([*parts, text[done:]])


def rebase(edit: Edit, over: Sequence[Edit]) -> Edit | None:
    """`edit`, as it stands in the text after `over` was applied; None where the two overlap.

    Both are against the same text. Edits that merely touch do not overlap. What stands before `edit` moves
    it, and that includes an insertion at its very start: the text that is already there comes first. An
    insertion at the end of a replaced range stays behind it. Text that the user typed and that `edit` was
    going to write anyway is not recognised: whoever knows what was suggested compares it first.
    """
    shift = 0
    for other in over:
        if other.end <= edit.start:
            shift += _growth(other)
        elif other.start < edit.end:
            return None
    return Edit(edit.start + shift, edit.end + shift, edit.new)


def merge(first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """One edit list that does what `first` and then `second` do; `second` counts in the text after `first`.

    Edits that touch become one, and edits that do nothing are left out.
    """
    middle = _Reader(_pieces(first))
    after: list[_Piece] = []
    done = 0
    for edit in second:
        after += middle.take(edit.start - done)
        middle.take(edit.end - edit.start)
        after.append(edit.new)
        done = edit.end
    return _edits(chain(after, middle.take(_ENDLESS)))


def diff(old: str, new: str) -> tuple[Edit, ...]:
    """Edits that turn `old` into `new`: small ones, and never one that starts or ends between \\r and \\n.

    Lines are matched first, then the tokens of lines that differ. Where two stretches of text have little in
    common one edit replaces the whole stretch, which reads better than shreds. The time is bounded (see
    `text.matching`), at the price of edits that are not always the smallest possible.
    """
    head = common_prefix(old, new)
    if head == len(old) == len(new):
        return ()
    tail = common_suffix(old, new, spare=head)
    head = old.rfind("\n", 0, head) + 1
    tail = len(old) - (old.find("\n", len(old) - tail) + 1 or len(old))
    old_lines = old[head : len(old) - tail].splitlines(keepends=True)
    new_lines = new[head : len(new) - tail].splitlines(keepends=True)
    edits: list[Edit] = []
    for start, end, text in _replacements(old_lines, new_lines, changes(old_lines, new_lines)):
        edits += _refine(old, head + start, head + end, text)
    return tuple(edits)


_TOKEN = re.compile(r"\w+|\r\n|[^\S\r\n]+|.", re.DOTALL)
_HOLDS = re.compile(r"[\w\r\n]")  # what keeps two changes apart: a gap of mere punctuation does not


def _refine(old: str, start: int, end: int, new: str) -> Iterator[Edit]:
    """The edits inside one stretch of lines that is to be replaced by `new`."""
    before, after = _TOKEN.findall(old[start:end]), _TOKEN.findall(new)
    found = changes(before, after)
    removed = sum(len(token) for change in found for token in before[change.old_start : change.old_end])
    if 2 * (end - start - removed) < min(end - start, len(new)):
        found = [Change(0, len(before), 0, len(after))]
    for first, last, text in _replacements(before, after, _join(before, found)):
        yield _trim(old, Edit(start + first, start + last, text))


def _join(tokens: Sequence[str], found: Sequence[Change]) -> list[Change]:
    joined: list[Change] = []
    for change in found:
        last = joined[-1] if joined else None
        if last and not _HOLDS.search("".join(tokens[last.old_end : change.old_start])):
            joined[-1] = last._replace(old_end=change.old_end, new_end=change.new_end)
        else:
            joined.append(change)
    return joined


def _trim(old: str, edit: Edit) -> Edit:
    """`edit` without the characters that it would replace by themselves."""
    gone = old[edit.start : edit.end]
    head = common_prefix(gone, edit.new)
    head -= _splits_ending(old, edit.start + head)
    tail = common_suffix(gone, edit.new, spare=head)
    tail -= _splits_ending(old, edit.end - tail)
    return Edit(edit.start + head, edit.end - tail, edit.new[head : len(edit.new) - tail])


def _splits_ending(text: str, offset: int) -> bool:
    return text[max(offset - 1, 0) : offset + 1] == "\r\n"


def _replacements(
    old: Sequence[str], new: Sequence[str], found: Sequence[Change]
) -> Iterator[tuple[int, int, str]]:
    """Each change of tokens as (start, end, text) in characters of the old tokens."""
    ends = list(accumulate(map(len, old), initial=0))
    for change in found:
        yield ends[change.old_start], ends[change.old_end], "".join(new[change.new_start : change.new_end])


# A text in the making is a row of pieces: ranges kept from the text before, and new strings between them. The
# last piece runs to the end of a text whose length nobody needs to know.
_Piece = range | str
_ENDLESS = sys.maxsize


def _pieces(edits: Sequence[Edit]) -> Iterator[_Piece]:
    done = 0
    for edit in edits:
        yield range(done, edit.start)
        yield edit.new
        done = edit.end
    yield range(done, _ENDLESS)


def _edits(pieces: Iterator[_Piece]) -> tuple[Edit, ...]:
    edits = []
    done = 0
    new = ""
    for piece in pieces:
        if isinstance(piece, str):
            new += piece
        elif piece:
            if new or piece.start > done:
                edits.append(Edit(done, piece.start, new))
            done, new = piece.stop, ""
    return tuple(edits)


class _Reader:
    """Takes a row of pieces apart, from its start."""

    def __init__(self, pieces: Iterator[_Piece]) -> None:
        self._pieces = pieces
        self._rest: _Piece = ""

    def take(self, length: int) -> list[_Piece]:
        """The next `length` characters, or as many as there are."""
        taken: list[_Piece] = []
        while length > 0:
            if not self._rest:
                following = next(self._pieces, None)
                if following is None:
                    break
                self._rest = following
            head, self._rest = self._rest[:length], self._rest[length:]
            taken.append(head)
            length -= len(head)
        return taken


def _growth(edit: Edit) -> int:
    return len(edit.new) - (edit.end - edit.start)
