from __future__ import annotations

import pytest

from completion.next_edit.dropped import dropped, without_item
from tests.completion.next_edit.support import moment, texts


@pytest.mark.parametrize(
    ("line", "name", "left"),
    [
        ("f(a, mode, b)", "mode", "f(a, b)"),
        ("f(mode, b)", "mode", "f(b)"),
        ("f(a, mode=mode)", "mode", "f(a)"),
        ("from x import a, mode", "mode", "from x import a"),
        ("from x import mode, a", "mode", "from x import a"),
        ("use a::{mode, B};", "mode", "use a::{B};"),
        ("f(mode)", "mode", None),
        ("mode = 1", "mode", None),
        ("    mode,", "mode", None),
    ],
)
def test_an_item_goes_with_its_comma(line: str, name: str, left: str | None) -> None:
    assert without_item(line, name) == left


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("LIMIT = 3\nrun()\nprint(LIMIT)\n", "LIMIT = 3\n", "", "a.py:2 -print(LIMIT)"),
        ("import a, cache\n\n@cache\ndef f():\n    pass\n", "a, cache", "a", "a.py:3 -@cache"),
        ("x = limit\n\ndef limit():\n    return 1\n\ny = 2\n", "limit", "1",
         "a.py:3 -def limit(): -return 1 -"),
        ("def f(a, mode):\n    g(a)\n\nf(1, mode=2)\n", "a, mode", "a", "a.py:4 -f(1, mode=2) +f(1)"),
    ],
)  # fmt: skip
def test_what_names_something_gone_goes_too(text: str, old: str, new: str, expected: str) -> None:
    state = moment(text, (old, new))
    assert expected in texts(list(dropped(state)), state)


def test_a_name_that_was_moved_or_renamed_is_not_gone() -> None:
    moved = moment("a = load()\nb = 1\nload()\n", ("a = load()\n", ""), ("b = 1\n", "b = load()\n"))
    assert list(dropped(moved)) == []
    renamed = moment("load(1)\nb = 1\nload(2)\n", ("load(1)", "fetch(1)"))
    assert list(dropped(renamed)) == []
