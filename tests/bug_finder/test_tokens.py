from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bug_finder.tokens import LINE, STRING, lex
from text.languages import LANGUAGES


def texts(text: str, language: str) -> list[str]:
    return [token.text for token in lex(text, language)]


def test_lines_say_how_the_indentation_goes_on_and_comments_are_left_out() -> None:
    text = "def f(a,\n      b):\n    if a:  # why\n        g()\n    return b\n"
    lines = [token for token in lex(text, "python") if token.kind == LINE]
    assert [line.text for line in lines] == ["\n", "\n+", "\n-"]
    assert "#" not in "".join(texts(text, "python"))


def test_holes_of_strings_are_code() -> None:
    assert texts('f"{a.b} {{c}} {d!r}"', "python")[1:4] == ["a", ".", "b"]
    assert texts("`x ${a + 1} y`", "typescript")[1:4] == ["a", "+", "1"]
    assert len(lex('"{a}"', "python")) == 1


def test_a_regular_expression_is_one_string_and_a_division_is_none() -> None:
    assert [token.text for token in lex("x = /a[/]b/g.exec(y)", "javascript") if token.kind == STRING] == [
        "/a[/]b/g"
    ]
    assert not [token for token in lex("x = a / b / c", "javascript") if token.kind == STRING]


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(alphabet=st.sampled_from(list("ab1 \n\t\"'`/*#{}()$\\.f=é😀")), max_size=60))
def test_tokens_are_pieces_of_any_text_in_order(language: str, text: str) -> None:
    end = 0
    for token in lex(text, language):
        assert end <= token.start < token.end
        assert token.kind == LINE or token.text == text[token.start : token.end]
        end = token.end
