"""Text as tokens that no vocabulary is needed for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completion.prompt_next_edit_v1 import KEEP, Format
from engine.remote.spelling import FORMATS, Spelling, format_of, tokens_of

ANY = Spelling("qwen")


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    tokens = ANY.encode(text)
    assert all(0 < token < 2**63 for token in tokens)
    assert ANY.decode(tokens) == text.encode("utf-8", "replace").decode()
    assert b"".join(map(ANY.token_bytes, tokens)) == text.encode("utf-8", "replace")


@given(st.text(alphabet="<|/>fimsprexud_｜▁ eotn"))
def test_no_text_spells_a_control_token(text: str) -> None:
    for name in ("qwen", "starcoder", "deepseek", "codegemma", "plain"):
        spelling = Spelling(name)
        spelled = spelling.spelled(spelling.encode(text))
        assert not any(control in spelled for control in spelling._special)


@pytest.mark.parametrize("name", FORMATS)
def test_control_tokens_are_spelled_and_text_that_looks_like_them_is_not(name: str) -> None:
    spelling = Spelling(name)  # type: ignore[arg-type]
    for control, token in spelling._special.items():
        text = spelling.encode(f"a {control} b")
        assert control in spelling.spelled([token])
        assert spelling.spelled([token, *text, token]).count(control) == 2
        assert spelling.before_control(f"ab{control}c") == "ab"
        assert token in spelling.eos
    assert spelling.before_control("a < b") is None
    assert len(spelling.stops) <= 4
    assert set(spelling.stops) <= set(spelling._special)


def test_a_text_has_about_as_many_tokens_as_elsewhere() -> None:
    code = "def total(self, items):\n    return sum(item.price * item.count for item in items)\n"
    assert 20 <= len(ANY.encode(code)) <= 35  # Qwen's own: 23


def test_a_diff_s_marks_are_tokens_of_their_own() -> None:
    form = Format(ANY)
    assert len(set(form.marks.values())) == 3
    assert ANY.decode(form.lines(KEEP, ["x = 1"])) == " x = 1\n"


def test_a_token_is_its_bytes_however_long() -> None:
    assert tokens_of("") == []
    assert len(tokens_of(" return")) == 1
    long = tokens_of("a very long näme")
    assert max(long) < 2**63
    assert ANY.decode([*long, *tokens_of("ü")]) == "a very long nämeü"


@pytest.mark.parametrize(
    ("model", "format"),
    [
        ("Qwen/Qwen2.5-Coder-7B", "qwen"),
        ("bigcode/starcoder2-3b", "starcoder"),
        ("granite-3b-code", "starcoder"),
        ("deepseek-coder:6.7b-base", "deepseek"),
        ("codegemma-2b", "codegemma"),
        ("small", "plain"),
    ],
)
def test_the_format_follows_from_the_name(model: str, format: str) -> None:
    assert format_of(model) == format
    assert (Spelling(format_of(model)).fim is None) == (format == "plain")
