"""Which part of the file the prompt shows, and why it stays put while the user types.

Whatever a prompt changes has to be computed again, together with everything behind it, so a window that
followed the cursor would make every keystroke cold. It moves in jumps instead:

    start                          anchor          cursor                     end
      | text that stays as it is     | the tail      | the suffix               |

A fill-in-the-middle prompt shows them in the order head, suffix, tail: a keystroke changes the end of the
tail only. When the tail has grown too long, the anchor is put near the cursor again; when head and tail have
grown too long, the window starts later. Both cost a good part of the prompt, so `place` does it at ease
(`eager`) when the user rests, and in the middle of typing only when it must.

The suffix needs no such care: its first token changes as soon as the cursor leaves its place in the file, and
typing does not change it at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from completion.render import Part, render
from text.document import Document
from text.matching import common_prefix
from text.positions import Position

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in tokens, but for `anchor_lines`."""

    before: int = 900  # what a new window shows above the cursor
    before_most: int = 1200  # what it may grow to before it starts later
    before_least: int = 256  # what must be above the cursor for a window to be of use there
    after: int = 300
    tail: int = 96  # what the tail may grow to before the anchor moves at ease
    tail_most: int = 320  # before it moves at once
    excerpts: int = 256  # of other files
    anchor_lines: int = 4  # lines that are not blank between a new anchor and the cursor's line


@dataclass(frozen=True, slots=True)
class Window:
    """Text of one document from `start` on: `head` runs to the anchor and is what the window is known by."""

    start: int
    head: str

    @property
    def anchor(self) -> int:
        """The offset at which the head ends: a line's start."""
        return self.start + len(self.head)


def place(
    document: Document,
    offset: int,
    recent: Sequence[Window],
    limits: Limits,
    count: Count,
    *,
    eager: bool = False,
) -> Window:
    """Choose the window for a cursor: a recent one if it still fits, one with the same start, or a new one.

    `recent`: windows of the same document, the newest first; the text may have changed since. `eager` holds
    the window to the limits that are met at ease. `count` gives the tokens of a line or of several.
    """
    tail_most = limits.tail if eager else limits.tail_most
    before_most = (limits.before + limits.before_most) // 2 if eager else limits.before_most
    found = [window for old in recent if (window := _find(document, offset, old))]
    for window in found:
        tail = (
            count_lines(document.slice(window.anchor, offset), count)
            if window.anchor <= offset
            else tail_most
        )
        if tail < tail_most and count_lines(window.head, count) + tail <= before_most:
            return window
    anchor = _anchor(document, offset, limits)
    for window in found:
        if window.start <= anchor:
            shown = count_lines(document.slice(window.start, offset), count)
            if shown <= before_most and (shown >= limits.before_least or window.start == 0):
                return Window(window.start, document.slice(window.start, anchor))
    start = min(_start(document, offset, limits, count), anchor)
    return Window(start, document.slice(start, anchor))


def suffix_end(document: Document, offset: int, limits: Limits, count: Count) -> int:
    """Return where the text shown after the cursor ends: at a line's end, `limits.after` tokens on."""
    line = document.position(offset).line
    parts = [
        Part(document.line(index), priority=line - index, run="below")
        for index in range(line + 1, min(line + 1 + limits.after, document.line_count))
    ]
    below = render(parts, limits.after, count)
    return document.offset(Position(line + 1 + len(below.kept), 0))


def count_lines(text: str, count: Count) -> int:
    """Return the tokens of a text, counted by lines: most are the same from one keystroke to the next."""
    return sum(map(count, text.splitlines(keepends=True)))


def smaller(limits: Limits, tokens: int) -> Limits:
    """Return limits for a prompt of about `tokens`, for when there is no time to read the whole window."""
    before = tokens * 3 // 4
    return replace(
        limits,
        before=before,
        before_most=before + 64,
        before_least=before // 2,
        after=tokens - before,
        excerpts=0,
        anchor_lines=0,
    )


def _find(document: Document, offset: int, window: Window) -> Window | None:
    """Return `window` where its head is now, with as much of the head as has not been edited since."""
    head = window.head
    if document.slice(window.start, window.anchor) == head:
        return window
    moved = document.text.rfind(head, 0, offset) if head else -1
    if moved >= 0:
        return Window(moved, head)
    # Edited inside: what is left up to the last whole line keeps its cache.
    same = common_prefix(document.slice(window.start, window.anchor), head)
    kept = head[: head.rfind("\n", 0, same) + 1]
    return Window(window.start, kept) if kept else None


def _anchor(document: Document, offset: int, limits: Limits) -> int:
    """Return the start of a line that is not blank: there the text is cut where its tokens end anyway."""
    line = document.position(offset).line
    left = limits.anchor_lines
    for above in range(line, -1, -1):
        if above == line or document.line(above).strip():
            if left == 0:
                return document.offset(Position(above, 0))
            left -= 1
    return 0


def _start(document: Document, offset: int, limits: Limits, count: Count) -> int:
    line = document.position(offset).line
    parts = [
        Part(document.line(index), priority=index - line, run="above")
        for index in range(max(0, line - limits.before), line)
    ]
    above = render(parts, limits.before, count)
    return document.offset(Position(line - len(above.kept), 0))
