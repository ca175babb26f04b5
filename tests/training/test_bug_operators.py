from __future__ import annotations

import pytest

from training.data.bug_operators import KINDS, slips


def made(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for slip in slips(text):
        found.setdefault(slip.kind, set()).add(slip.made(text))
    return found


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("wrong_comparison", "if a <= b:", "if a < b:"),
        ("wrong_comparison", "if (a !== b) {", "if (a === b) {"),
        ("wrong_boolean_op", "if a and b:", "if a or b:"),
        ("wrong_boolean_op", "if (a && b) {", "if (a || b) {"),
        ("wrong_operator", "return a + b", "return a - b"),
        ("wrong_assignment_op", "total += x", "total = x"),
        ("off_by_one", "return items[0]", "return items[1]"),
        ("off_by_one", "for i in range(n - 1):", "for i in range(n):"),
        ("missing_not", "if not done:", "if done:"),
        ("missing_not", "if x is not None:", "if x is None:"),
        ("missing_not", "if (!done) {", "if (done) {"),
        ("missing_await", "x = await load()", "x = load()"),
        ("missing_await", "let x = load().await;", "let x = load();"),
        ("missing_self", "return self.load()", "return load()"),
        ("wrong_literal_bool", "strict = True", "strict = False"),
        ("argument_swap", "copy(source, target)", "copy(target, source)"),
        ("operand_swap", "size = end - start", "size = start - end"),
        ("variable_misuse", "def f(one, two): return one + two", "def f(one, two): return two + two"),
        ("wrong_attribute", "use(box.width, box.height)", "use(box.height, box.height)"),
        ("wrong_method", "a.push(b.pop())", "a.pop(b.pop())"),
    ],
)
def test_what_an_operator_makes(kind: str, right: str, wrong: str) -> None:
    assert wrong in made(right)[kind]


def test_every_kind_is_known() -> None:
    assert len(KINDS) == 14
    assert set(made("if a <= b and not c: x = a + f(1, 0)")) <= set(KINDS)


def test_a_slip_changes_something() -> None:
    text = "if a <= b and not c.d(e):\n    x += await f.g(a, a, True) - 1\n"
    assert all(slip.made(text) != text for slip in slips(text))


def test_a_name_that_stands_once_is_no_local_variable() -> None:
    assert "variable_misuse" not in made("let x = first as u8 + last as i8")


def test_words_of_a_language_are_no_names() -> None:
    assert "variable_misuse" not in made("return this")
