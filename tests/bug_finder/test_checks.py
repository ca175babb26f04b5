from __future__ import annotations

import pytest

from bug_finder.detect import Detector


def check(text: str, language: str = "python") -> list[str]:
    """The texts that are found suspicious, each with its replacement where there is one."""
    found = Detector.load().find(text, language, [(0, len(text))])
    assert all(text.count("\n", 0, each.start) == each.line for each in found)
    return sorted(
        text[each.start : each.end] + (f" -> {each.replacement}" if each.replacement else "")
        for each in found
    )


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("def f(a, b):\n    return a.x == b.x and a.y == a.y\n", "python", ["a.y"]),
        ("def f(a):\n    return a is not 'x'\n", "python", ["is not -> !="]),
        ("def f(a):\n    if a.b:\n        g()\n    elif a.b:\n        h()\n", "python", ["a.b"]),
        ("def f(a=[]):\n    a.append(1)\n", "python", ["[]"]),
        ("def f(a):\n    return a\n    g(a)\n", "python", ["g"]),
        ("def f(self, a):\n    self.a = self.a\n", "python", ["self.a"]),
        ("function f(a, b) {\n  return a.x && a.x;\n}\n", "javascript", ["a.x"]),
        ("int f(int a, int b) {\n  return a->x - a->x;\n}\n", "c", ["a->x"]),
    ],
)
def test_what_is_wrong_by_itself_is_found(text: str, language: str, found: list[str]) -> None:
    assert check(text, language) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("def f(a, b=None):\n    g(b=b)\n    return next(a) == next(a)\n", "python"),
        ("def f(a=None, b=()):\n    if a:\n        return b\n    return a\n", "python"),
        ("def f(a=[]):\n    return len(a)\n", "python"),
        ("def f(x):\n    return x * x + x is None\n", "python"),
        ("def f(a):\n    if a:\n        g()\n    if a:\n        h()\n", "python"),
        ("def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n    g()\n", "python"),
        ("int f(int i) {\n  for (i = 0; i < 3; i++) g(i, i);\n  return i;\n}\n", "c"),
        ("function f(a) {\n  const {b} = a;\n  return {b: b, c: a.c};\n}\n", "javascript"),
        ("fn f(a: &A) -> bool { a.x.iter().any(|a| a.x == 1) }", "rust"),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, language: str) -> None:
    assert check(text, language) == []
