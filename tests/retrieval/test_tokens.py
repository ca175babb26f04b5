"""Words as search sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.tokens import parts, query_terms, stem, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uploadRetry", ["upload", "retry", "uploadretry"]),
        ("upload_retry", ["upload", "retry", "uploadretry"]),
        ("parseHTTPHeader2", ["pars", "http", "header", "2", "parsehttpheader2"]),
        ("src/net/uploads.py", ["src", "net", "upload", "py"]),
        ("größe straße", ["größ", "straß"]),
        ("中文", ["中文"]),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    "forms",
    [
        ("create", "creates", "created", "creating"),
        ("run", "runs", "running"),
        ("query", "queries"),
        ("match", "matches", "matched"),
        ("class", "classes"),
    ],
)
def test_forms_of_a_word_are_one_term(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_stop_words_stay_where_there_is_nothing_else() -> None:
    assert query_terms("where is the queue") == ["queu"]
    assert query_terms("is it") == ["is", "it"]


@given(st.text())
def test_any_text(text: str) -> None:
    for term in terms(text):
        assert term
        assert term == term.lower()
        assert '"' not in term
    assert set(query_terms(text)) <= set(terms(text))
    assert all(part for part in parts(text))
