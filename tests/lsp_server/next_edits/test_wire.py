"""A next edit on the wire: small, between words, and at the cursor where it can be ghost text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.next_edits.wire import at_cursor, id_of, inline_edit, smallest
from text.document import Document
from text.edits import Edit, apply
from text.positions import Encoding

URI = "file:///a.py"


def document(text: str) -> Document:
    return Document.create(URI, text, version=0, language="python")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("total(qty)\n", "total(quantity)\n", (6, 9, "quantity")),
        ("f(a)\n", "f(a, b)\n", (3, 3, ", b")),
        ("x = one\n", "", (0, 8, "")),
        ("a\nb\n", "a\nnew\nb\n", (2, 2, "new\n")),
        # Lines for lines are whole, with or without a last line end.
        ("def f(a):\n    return a\n", "def f(b):\n    return b\n", (0, 23, "def f(b):\n    return b\n")),
        ("x\nf(a)\ng(a)", "x\nf(b)\ng(b)", (2, 11, "f(b)\ng(b)")),
        ("f(a)\nx\ng(a)\ny\n", "f(b)\nx\ng(b)\ny\n", (0, 12, "f(b)\nx\ng(b)\n")),
        ("a\r\nb\r\n", "a\r\n\r\nb\r\n", (3, 3, "\r\n")),
    ],
)
def test_small_and_between_words(old: str, new: str, expected: tuple[int, int, str]) -> None:
    assert smallest(document(old), Edit(0, len(old), new)) == Edit(*expected)


@pytest.mark.parametrize(
    ("marked", "edit", "expected"),
    [
        ("return $0\n", Edit(0, 8, "return a + b\n"), "a + b"),
        # The line after this one.
        ("a = 1$0\n", Edit(6, 6, "b = 2\n"), "\nb = 2"),
        # This line, which is empty so far.
        ("a\n$0\n", Edit(2, 2, "b"), "b"),
        # Also within a word: ghost text continues what is typed.
        ("ret$0\n", Edit(0, 4, "return x\n"), "urn x"),
        # One of several places that an insertion may be written at.
        ("(a, b$0)", Edit(0, 6, "(a, b, b)"), ", b"),
        ("$0return a\n", Edit(0, 9, "return b\n"), None),
        ("$0a\n\n\nb\n", Edit(4, 4, "new\n"), None),
        ("x$0 = 1\n", Edit(0, 6, ""), None),
    ],
)
def test_an_insertion_at_the_cursor(marked: str, edit: Edit, expected: str | None) -> None:
    cursor = marked.index("$0")
    found = at_cursor(document(marked.replace("$0", "")), edit, cursor)
    assert found == (None if expected is None else Edit(cursor, cursor, expected))


@given(st.text("ab_ \r\n(", max_size=14), st.text("ab_ \r\n(", max_size=14), st.data())
def test_the_smaller_edit_does_the_same(text: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    cursor = data.draw(st.none() | st.integers(0, len(text)))
    edit = Edit(start, end, new)
    small = smallest(document(text), edit, cursor)
    assert apply(text, [small]) == apply(text, [edit])
    assert start <= small.start <= small.end <= end or (small.start == small.end == cursor)


def test_positions_versions_and_line_ends_are_the_clients() -> None:
    text = "s = '😀'\r\nx\r\n"
    wire = inline_edit(document(text), Edit(6, 6, "a\r\nb"), "7", Encoding.UTF16)
    assert (wire.text, wire.range.start.character) == ("a\nb", 7)
    assert (wire.text_document.uri, wire.text_document.version) == (URI, 0)
    assert wire.command.arguments == ["7"]


@pytest.mark.parametrize("item", [None, 3, {}, {"command": None}, {"command": {"arguments": [1]}}])
def test_items_of_others_have_no_id(item: object) -> None:
    assert id_of(item) == ""
