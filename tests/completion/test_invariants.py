"""What holds for every document, cursor and model output."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from completion.inline import InlineCompleter, InlineRequest, Suggestion
from completion.typed_through import remainder
from tests.completion.support import SETTINGS
from tests.support.scripted import ScriptedModel
from text.document import Document
from text.edits import Edit, apply
from text.positions import Position, without_ending
from text.syntax import parse

CODE = ["def f(a, b):", "x = ", "f(", "return", "name", "if x:", "class C:", "# ", "'''"]
SIGNS = [*")[]{}:,\\\"'", "    ", "\t", " ", "\n", "\n", "\r\n", "\r", "\f", "\u2028", "\ufeff", "🙂", "é"]
PIECES = st.sampled_from([*CODE, *SIGNS])
TEXTS = st.lists(PIECES, max_size=30).map("".join)
LANGUAGES = st.sampled_from(["python", "javascript", "go", ""])
FEARLESS = dataclasses.replace(SETTINGS, min_confidence=0.0)


def answer(text: str, at: int, output: str, language: str) -> tuple[Document, int, Suggestion] | None:
    document = Document.create("file:///t", text, 3, language)
    offset = document.offset(document.position(at % (len(document) + 1)))
    model = ScriptedModel(lambda _: output, context=16_384)
    request = InlineRequest(document, offset, "t.py", budget_ms=60_000)
    given = InlineCompleter(FEARLESS).complete(request, model)
    return (document, offset, given) if isinstance(given, Suggestion) else None


def errors(text: str, language: str) -> int:
    tree = parse(text, language)
    return tree.error_count if tree else 0


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.integers(0, 200), TEXTS, LANGUAGES)
def test_what_is_shown_can_be_shown(text: str, at: int, output: str, language: str) -> None:
    shown = answer(text, at, output, language)
    if shown is None:
        return
    document, offset, suggestion = shown
    edit, line = suggestion.edit, document.position(offset).line
    line_end = document.offset(Position(line, len(without_ending(document.line(line)))))
    assert (edit.start, suggestion.version) == (offset, 3)
    assert edit.end in (offset, line_end)
    assert edit.new == suggestion.text
    assert edit.new.strip()
    assert document.eol == "\r\n" or "\r\n" not in edit.new
    if errors(document.text, language) == 0:
        assert errors(apply(document.text, [edit]), language) == 0


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 200), TEXTS, LANGUAGES)
def test_typing_along_ends_where_accepting_ends(text: str, at: int, output: str, language: str) -> None:
    shown = answer(text, at, output, language)
    if shown is None:
        return
    document, offset, suggestion = shown
    accepted = apply(document.text, [suggestion.edit])
    for typed in range(len(suggestion.text)):
        now = document.apply([Edit(offset, offset, suggestion.text[:typed])], 4)
        left = remainder(document, suggestion.edit, now, offset + typed)
        assert left is not None
        assert apply(now.text, [left]) == accepted
