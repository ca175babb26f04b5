from __future__ import annotations

import pytest

from completion.typed_through import remainder
from tests.completion.support import document_of
from text.edits import Edit, apply


def left(before: str, new: str, after: str, *, replaced: int = 0) -> str | None:
    """Suggest `new` at the mark of `before`; return the text after accepting what is left in `after`."""
    document, offset = document_of(before)
    now, cursor = document_of(after, version=2)
    edit = remainder(document, Edit(offset, offset + replaced, new), now, cursor)
    if edit is None:
        return None
    assert edit.start == cursor
    return apply(now.text, [edit])


@pytest.mark.parametrize("typed", ["", "r", "return", "return a", "return a + "])
def test_typing_along_leaves_the_rest(typed: str) -> None:
    assert (
        left("def f(a):\n    $0\n", "return a + 1", f"def f(a):\n    {typed}$0\n")
        == "def f(a):\n    return a + 1\n"
    )


@pytest.mark.parametrize(
    "after",
    [
        "def f(a):\n    rex$0\n",  # another way
        "def f(a):\n   $0\n",  # deleted more than was typed
        "def f(a):\n    return a + 1$0\n",  # all of it
        "def g(a):\n    re$0\n",  # an edit above
        "def f(a):\n    re$0\nx",  # an edit below
        "def f(a):\n    $0re\n",  # the cursor went back
    ],
)
def test_anything_else_ends_it(after: str) -> None:
    assert left("def f(a):\n    $0\n", "return a + 1", after) is None


def test_a_bracket_that_the_editor_paired_is_not_left_double() -> None:
    assert left("x = $0\n", "f(a, b)", "x = f($0)\n") == "x = f(a, b)\n"


def test_a_quote_that_the_editor_paired_is_not_left_double() -> None:
    assert left("x = $0\n", 'f("a", b)', 'x = f("$0")\n') == 'x = f("a", b)\n'


def test_a_paired_bracket_that_the_rest_does_not_close_ends_it() -> None:
    assert left("x = $0\n", "f(a, b)", "x = f(a, b$0)\n") == "x = f(a, b)\n"
    assert left("x = $0\n", "f + g(a)", "x = f$0)\n") is None


def test_the_replaced_rest_of_the_line_stays_replaced() -> None:
    assert left("if f($0)\n", "a, b):", "if f(a$0)\n", replaced=1) == "if f(a, b):\n"


def test_a_bracket_typed_over_is_not_written_again() -> None:
    assert left("if f($0)\n", "a, b):", "if f(a, b)$0\n", replaced=1) == "if f(a, b):\n"


def test_several_lines_with_windows_endings() -> None:
    before, after = "def f():$0\r\n", "def f():\r\n    re$0\r\n"
    assert left(before, "\r\n    return 1", after) == "def f():\r\n    return 1\r\n"


def test_text_beyond_the_basic_plane() -> None:
    assert left("🙂 = $0", "'🙃' + x", "🙂 = '🙃$0'") == "🙂 = '🙃' + x"
