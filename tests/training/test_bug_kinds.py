from __future__ import annotations

import pytest

from bug_finder.tokens import lex
from training.bug_kinds import change_of


@pytest.mark.parametrize(
    ("wrong", "right", "kind"),
    [
        ("if a < b: pass", "if a <= b: pass", "wrong_comparison"),
        ("if a and b: pass", "if a or b: pass", "wrong_boolean_op"),
        ("return a[1]", "return a[0]", "off_by_one"),
        ("return a[1]", "return a[10]", "wrong_number"),
        ("return a", "return a - 1", "off_by_one"),
        ("f(a, b); c", "f(a, c); c", "variable_misuse"),
        ("f(a, b)", "f(a, d)", "wrong_name"),
        ("a.b", "a.c", "wrong_attribute"),
        ("a.b()", "a.c()", "wrong_method"),
        ("f()", "g()", "wrong_function"),
        ("f(a, b)", "f(b, a)", "argument_swap"),
        ("if a: pass", "if not a: pass", "missing_not"),
        ("if not a: pass", "if a: pass", "extra_not"),
        ("x = f()", "x = await f()", "missing_await"),
        ("f()", "self.f()", "missing_self"),
        ("f(True)", "f(False)", "wrong_literal_bool"),
        ("if a: pass", "if a and b: pass", "missing_condition"),
        ("a = b", "a = b.strip()", "missing_call"),
        ("f('a')", "f('b')", "wrong_string"),
    ],
)
def test_the_kind_of_a_change(wrong: str, right: str, kind: str) -> None:
    tokens = lex(wrong, "python")
    change = change_of(tokens, lex(right, "python"))
    assert change is not None
    assert change.kind == kind
    texts = [token.text for token in tokens]
    texts[change.start : change.end] = [token.text for token in change.new]
    assert texts == [token.text for token in lex(right, "python")]


@pytest.mark.parametrize(
    ("wrong", "right"), [("a = 1", "a  =  1  # so"), ("a", "\n".join("abcdef")), ("a", "f(" * 60)]
)
def test_what_is_not_one_change_of_one_statement(wrong: str, right: str) -> None:
    assert change_of(lex(wrong, "python"), lex(right, "python")) is None
