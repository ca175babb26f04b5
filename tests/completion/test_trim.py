from __future__ import annotations

import pytest

from completion.stop import Site
from completion.trim import only_closes, shapes, without_repeats
from text.edits import apply


def texts(body: str, line: str, rest: str) -> list[str]:
    """The line after each shape, the most likely first."""
    site = Site("python", line, rest, "", "")
    return [apply(line + rest, [edit]) for edit in shapes(body, site, len(line))]


@pytest.mark.parametrize(
    ("body", "line", "rest", "best"),
    [
        ("a, b)", "f(", "", "f(a, b)"),
        ("a, b)", "f(", ")", "f(a, b)"),
        ("a, b):", "if f(", ")", "if f(a, b):"),
        ("a, b", "f(", ")", "f(a, b)"),
        ("a, b)", "f(", ", c)", "f(a, b, c)"),
        ("a, c)", "f(", ", c)", "f(a, c)"),
        ('x")', 'f("', '")', 'f("x")'),
        ("b", "f(a, ", "  ", "f(a, b"),
    ],
)
def test_the_most_likely_shape(body: str, line: str, rest: str, best: str) -> None:
    assert texts(body, line, rest)[0] == best


def test_closing_brackets_may_be_left_out() -> None:
    assert texts("a])", "f([", "") == ["f([a])", "f([a]", "f([a"]


def test_no_shape_is_empty() -> None:
    assert texts(")", "f(", "") == ["f()"]


@pytest.mark.parametrize(
    ("body", "following", "kept"),
    [
        ("1\ny = 2", ["y = 2"], "1"),
        ("1\ny = 2\nz = 3", ["y = 2", "z = 3", "more"], "1"),
        ("1\ny = 2\nz = 4", ["y = 2", "z = 3"], "1\ny = 2\nz = 4"),
        ("1", ["x = 1"], ""),
        ("1\n)", [")"], "1\n)"),
    ],
)
def test_what_follows_is_not_repeated(body: str, following: list[str], kept: str) -> None:
    site = Site("python", "x = ", "", "", following[0])
    assert without_repeats(body, site, following) == kept


def test_what_only_closes() -> None:
    assert only_closes(")]: ")
    assert only_closes("")
    assert not only_closes(") + 1")
