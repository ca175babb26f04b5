from __future__ import annotations

import pytest

from bug_finder.candidates import candidate
from bug_finder.sites import BEFORE, BEHIND, COMPARISON, NUMERAL, TEXT, VARIABLE
from bug_finder.tokens import lex


@pytest.mark.parametrize(
    ("text", "at", "group", "best", "kind", "after"),
    [
        ("if a < b:", 2, COMPARISON, "<=", "wrong_comparison", "if a <= b:"),
        ("if ready:", 1, BEFORE, "not", "missing_not", "if not ready:"),
        ("x = load()", 2, BEFORE, "await", "missing_await", "x = await load()"),
        ("x = load()", 2, BEFORE, "self", "missing_self", "x = self.load()"),
        ("a[1]", 2, NUMERAL, "0", "off_by_one", "a[0]"),
        ("a[1]", 2, NUMERAL, "100", "wrong_number", "a[100]"),
        ("f('a')", 2, TEXT, '"b"', "wrong_string", "f('b')"),
        ("f(start, start)", 4, VARIABLE, "end", "variable_misuse", "f(start, end)"),
    ],
)
def test_what_is_proposed(text: str, at: int, group: int, best: str, kind: str, after: str) -> None:
    said = candidate(lex(text, "python"), at, group, best, True)
    assert said.kind == kind
    assert said.replacement is not None
    assert text[: said.start] + said.replacement + text[said.end :] == after


def test_what_is_less_likely_than_what_stands_there_is_not_proposed() -> None:
    tokens = lex("if a < b:", "python")
    assert candidate(tokens, 2, COMPARISON, "<=", False).replacement is None
    assert candidate(tokens, 4, BEHIND, "-", True).replacement is None
