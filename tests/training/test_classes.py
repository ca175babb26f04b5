from __future__ import annotations

import pytest

from training.data.changes import Hunk
from training.data.classes import Tokens, class_of


def tokens(change: str) -> Tokens:
    """From "old => new"; lines are divided by |."""
    old, new = (tuple(side.split("|")) if side else () for side in change.split(" => "))
    return Tokens(Hunk("a.py", 1, old, new))


@pytest.mark.parametrize(
    ("earlier", "target", "cls"),
    [
        ("count = 0 => total = 0", "return count => return total", "rename"),
        ("f(a, b) => f(a, b, c)", "g(f(a, b)) => g(f(a, b, c))", "repeated"),
        (" => import json", "x = eval(y) => x = json.loads(y)", "import"),
        ("x = 1 => x = 2", " => from os import path", "import"),
        ("def f(a): => def f(a, limit=3):", "return a => return a[:limit]", "propagate-arg"),
        (" => helper = make(), 1", "f(x) => f(helper, x)", "use-new-name"),
        ("old_way(1) => pass", "y = old_way(2) + z => y = z", "drop-old-name"),
        ("x = 1 => x = 2", "y = foo => y = bar", "other"),
    ],
)
def test_class(earlier: str, target: str, cls: str) -> None:
    assert class_of(tokens(target), [tokens(earlier)]) == cls


def test_deleting_the_same_again_is_repeated() -> None:
    assert class_of(tokens("log(x)|y => y"), [tokens("log(x)|z => z")]) == "repeated"


def test_core_never_overlaps() -> None:
    assert tokens("a a => a a a").core == ((), ("a",))
    assert tokens("a a a => a a").core == (("a",), ())
