from __future__ import annotations

import random

from completion.window import Limits, Window, place, suffix_end
from text.document import Document
from text.edits import Edit
from text.positions import Position

LIMITS = Limits(
    before=400, before_most=600, before_least=100, after=200, tail=80, tail_most=200, anchor_lines=2
)
LINES = [f"line {number}\n" for number in range(500)]
DOCUMENT = Document.create("file:///w", "".join(LINES), language="")


def at(line: int, column: int = 0, document: Document = DOCUMENT) -> int:
    return document.offset(Position(line, column))


def test_a_new_window_ends_some_lines_above_the_cursor() -> None:
    window = place(DOCUMENT, at(250, 3), (), LIMITS, len)
    assert window.anchor == at(248)
    assert 350 < at(250) - window.start <= 400


def test_blank_lines_are_no_place_for_an_anchor() -> None:
    document = Document.create("file:///w", "a\n\n\nb\n\n\nc\n\n\n")
    assert place(document, len(document), (), LIMITS, len).anchor == document.text.index("b")


def test_the_start_of_a_file() -> None:
    assert place(DOCUMENT, 0, (), LIMITS, len) == Window(0, "")
    assert place(Document.create("file:///w", ""), 0, (), LIMITS, len) == Window(0, "")


def test_a_window_stays_while_the_cursor_moves_near_it() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    assert {place(DOCUMENT, at(line), (window,), LIMITS, len) for line in range(248, 262)} == {window}


def test_at_ease_the_anchor_follows_sooner() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    moved = place(DOCUMENT, at(260), (window,), LIMITS, len, eager=True)
    assert (moved.start, moved.anchor) == (window.start, at(258))


def test_above_the_anchor_the_start_is_kept() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    moved = place(DOCUMENT, at(240), (window,), LIMITS, len)
    assert (moved.start, moved.anchor) == (window.start, at(238))


def test_far_away_is_a_new_window() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    assert place(DOCUMENT, at(400), (window,), LIMITS, len).start > window.anchor
    assert place(DOCUMENT, at(100), (window,), LIMITS, len).anchor == at(98)
    back = place(DOCUMENT, at(250), (Window(at(380), "".join(LINES[380:400])), window), LIMITS, len)
    assert back == window


def test_a_window_is_found_again_when_text_was_put_above_it() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    longer = DOCUMENT.apply([Edit(0, 0, "import os\n")], 1)
    assert place(longer, at(251, 0, longer), (window,), LIMITS, len) == Window(window.start + 10, window.head)


def test_a_change_inside_keeps_what_stands_before_it() -> None:
    window = place(DOCUMENT, at(250), (), LIMITS, len)
    changed = DOCUMENT.apply([Edit(at(240), at(240), "more ")], 1)
    moved = place(changed, at(240, 5, changed), (window,), LIMITS, len)
    assert moved.start == window.start
    assert moved.head == changed.slice(moved.start, at(240, 0, changed))


def test_the_suffix_ends_with_a_line() -> None:
    end = suffix_end(DOCUMENT, at(250, 3), LIMITS, len)
    assert DOCUMENT.text[end - 1] == "\n"
    assert 150 < end - at(251) <= 200
    assert suffix_end(DOCUMENT, len(DOCUMENT), LIMITS, len) == len(DOCUMENT)
    assert suffix_end(DOCUMENT, at(250, 3), Limits(after=0), len) == at(251)


def test_wherever_the_cursor_goes_the_window_holds_the_text_before_it() -> None:
    chance, document = random.Random(7), DOCUMENT
    windows: tuple[Window, ...] = ()
    for version in range(300):
        offset = chance.randrange(len(document) + 1)
        for _ in range(chance.randrange(4)):
            document = document.apply(
                [Edit(offset, min(len(document), offset + chance.choice([0, 0, 3])), "x\ny")], version
            )
            offset += 3
            window = place(document, offset, windows, LIMITS, len, eager=chance.random() < 0.3)
            assert document.slice(window.start, window.anchor) == window.head
            assert window.start <= window.anchor <= offset
            assert offset - window.start <= LIMITS.before_most + LIMITS.tail_most
            windows = (window, *windows)[:4]
