from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.surrogates import clean, may_hold


@given(st.text(st.characters(codec=None), max_size=20))
def test_lone_surrogates_become_as_wide_a_sign(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert len(cleaned.encode("utf-16-le")) == len(text.encode("utf-16-le", "surrogatepass"))
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(codec=None), max_size=20), st.booleans())
def test_where_there_are_any_the_json_shows_it(text: str, escaped: bool) -> None:
    body = json.dumps([text], ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    if not may_hold(body):
        assert clean(text) == text


def test_all_of_a_value_is_cleaned() -> None:
    dirty = {"\ud83d": ["a\ude00", {"b": None}, 5, "\ud83d\ude00"]}
    assert clean(dirty) == {"\ufffd": ["a\ufffd", {"b": None}, 5, "😀"]}


def test_wide_json_is_looked_into() -> None:
    assert may_hold(json.dumps(["\ud83d"]).encode("utf-16"))
    assert may_hold(json.dumps(["\ud83d"]).encode("utf-32-be"))
