from __future__ import annotations

import pytest

from completion.next_edit.lists import listing
from completion.next_edit.signature import parameters
from tests.completion.next_edit.support import moment, texts


def test_a_list_is_read_over_strings_brackets_and_lines() -> None:
    found = listing(["f(a, g(b, c),", "  'x, y',", "  d=[1, 2])"], 0, 1)
    assert found is not None
    assert [item.text for item in found.items] == ["a", "g(b, c)", "'x, y'", "d=[1, 2]"]
    assert (found.end, found.last_column, found.starts) == (2, 10, (0, 0, 1, 2))
    assert listing(["f(a,", "b"], 0, 1) is None


FIELDS = (
    "class A:\n    def __init__(self, path, mode):\n"
    "        self.path = path\n        self.mode = mode\n        run()\n"
)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected", "path"),
    [
        (FIELDS, "path, mode", "path, mode, depth", "a.py:5 +self.depth = depth", "a.py"),
        (
            FIELDS.replace("self.", "self._"), "path, mode", "path, mode, depth, size",
            "a.py:5 +self._depth = depth +self._size = size", "a.py",
        ),
        (
            "class A {\n  constructor(path) {\n    this.path = path;\n  }\n}\n",
            "(path)", "(path, mode)", "a.ts:4 +this.mode = mode;", "a.ts",
        ),
        (
            "def f(a, b):\n    return g(a=a, b=b)\n", "a, b", "a, b, c=None",
            "a.py:2 -return g(a=a, b=b) +return g(a=a, b=b, c=c)", "a.py",
        ),
        (
            "def f(a, b, **rest):\n    return g(1, a, b, **rest)\n", "a, b, **", "a, b, c=None, **",
            "a.py:2 -return g(1, a, b, **rest) +return g(1, a, b, c=c, **rest)", "a.py",
        ),
        (
            "fn short(pat: &Pat) -> bool {\n}\n\nfn all(context: &C) {\n    short(pat);\n}\n",
            "short(pat: &Pat)", "short(context: &C, pat: &Pat)",
            "a.rs:5 -short(pat); +short(context, pat);", "a.rs",
        ),
        (
            "def send(\n    data,\n):\n    pass\n\nsend(\n    data,\n)\n",
            "    data,\n):", "    data,\n    mode,\n):",
            "a.py:9 +mode,", "a.py",
        ),
    ],
)  # fmt: skip
def test_a_parameter_goes_where_the_others_go(
    text: str, old: str, new: str, expected: str, path: str
) -> None:
    state = moment(text, (old, new), path=path)
    assert expected in texts(list(parameters(state)), state)


def test_what_is_given_already_is_not_given_again() -> None:
    state = moment("def send(data):\n    pass\n\nsend(data, mode=1)\n", ("(data)", "(data, mode=None)"))
    assert list(parameters(state)) == []
