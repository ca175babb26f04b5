from __future__ import annotations

import pytest

from bug_finder.tokens import lex
from bug_finder.usage import usage
from bug_finder.vocabulary import Vocabulary


def unused(text: str, language: str) -> set[str]:
    tokens = lex(text, language)
    encoded = Vocabulary([], []).encode(tokens)
    found = usage(tokens, encoded).unused
    names = {
        int(number): token.text for token, number in zip(tokens, encoded.copies, strict=True) if number >= 0
    }
    return {name for number, name in names.items() if found[number]}


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("def f(a, b=1, *, c: int = 2):\n    d = a\n    return c\n", "python", {"b", "d"}),
        ("def f(a):\n    for b, c in a:\n        g(b)\n", "python", {"c"}),
        ("def f(a):\n    g(b=a)\n    with a as c:\n        pass\n", "python", {"c"}),
        ("def f(self, _a, *args):\n    return locals()\n", "python", set()),
        ("def f(a):\n    return f'{a}'\n", "python", set()),
        ("function f(a, b) {\n  const c = a;\n  return 1;\n}\n", "javascript", {"b", "c"}),
    ],
)
def test_what_is_never_looked_at(text: str, language: str, names: set[str]) -> None:
    assert unused(text, language) == names
