from __future__ import annotations

import pytest

from bug_finder.detect import checked
from bug_finder.tokens import lex


def check(text: str, language: str = "python") -> list[str]:
    """The texts that are found suspicious, each with its replacement where there is one."""
    found = list(checked(lex(text, language), language))
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
        ("int f(int a, int b) {\n  return a->x == a->x;\n}\n", "c", ["a->x"]),
        ("def f(x):\n    return x != 1 or x != 2\n", "python", ["or -> and"]),
        ("def f(x):\n    x.y == 1\n    g()\n", "python", ["== -> ="]),
        ("int f(int a) {\n  if (a = 1) return 2;\n}\n", "c", ["= -> =="]),
        ("def f(path):\n    warn('{path} is gone')\n", "python", ["'{path} is gone' -> f'{path} is gone'"]),
        (
            "def f(path):\n    warn(f'{path} is '\n        '{path.name}', stacklevel=2)\n",
            "python",
            ["'{path.name}' -> f'{path.name}'"],
        ),
        ("def f():\n    return [\n'a',\n'b'\n'c',\n'd',\n]\n", "python", ["'b' -> 'b',"]),
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
        ("def f(a, b):\n    if not a or a not in b:\n        g()\n", "python"),
        ("def f(path):\n    return '{path}'.format(path=path)\n", "python"),
        ("def f(a, b):\n    return (a + b / 2) % b - b / 2\n", "python"),
        ("def f(a, b):\n    return a & b == b\n", "python"),
        ("function f(a) {\n  return a !== a;\n}\n", "javascript"),
        ("def f(user):\n    return get('/{user}')\n", "python"),
        ("def f(path):\n    log.warn('{path!r} is gone', path=path)\n", "python"),
        ("def f(path):\n    log.warn('{path} is '\n        'gone', g(1), **path)\n", "python"),
        ("def f(self):\n    self.assertTrue(self.a == self.a)\n", "python"),
        ("def f(a):\n    assert a <= a\n", "python"),
        ("void f(int a) {\n  EXPECT_TRUE(a == a);\n}\n", "cpp"),
        ("def f(a):\n    if a:\n        if b:\n            g()\n    elif b:\n        h()\n", "python"),
        ("fn f(a: &A) -> bool { a == 1 }", "rust"),
        ("fn f(a: &A) -> bool { a.x.iter().any(|a| a.x == 1) }", "rust"),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, language: str) -> None:
    assert check(text, language) == []
