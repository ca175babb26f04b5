"""The smallest real model behind the completer: nothing is read twice, and time is kept."""

from __future__ import annotations

import dataclasses
import time

import pytest

from completion.inline import InlineCompleter, InlineRequest, InlineSettings, Silence, Suggestion
from engine.load import load_model
from engine.model import Model
from engine.prepare import prepare
from text.document import Document

pytestmark = pytest.mark.model

BEFORE = "def area(width, height):\n    return width * height\n\n\n" * 20
LINE = "def perimeter(width, height):\n    return 2 * (width + "
SETTINGS = InlineSettings(min_confidence=0.0)


@pytest.fixture(scope="module")
def model() -> Model:
    prepare("smollm2-135m")
    return load_model("smollm2-135m", threads=2)


def request(typed: str, version: int, budget_ms: float = 60_000) -> InlineRequest:
    document = Document.create("file:///shapes.py", BEFORE + typed + "\n", version, "python")
    return InlineRequest(document, len(BEFORE + typed), "shapes.py", budget_ms=budget_ms)


def test_a_line_is_completed_from_what_was_read_ahead(model: Model) -> None:
    completer = InlineCompleter(SETTINGS)
    opened = request("", 0)
    completer.warm(opened.document, opened.offset, model, path=opened.path)
    answer = completer.complete(request(LINE, 1), model)
    assert isinstance(answer, Suggestion), answer
    assert answer.text.startswith("height)")
    assert answer.usage
    assert answer.usage.prompt_tokens - answer.usage.cached_tokens < 40


def test_every_keystroke_reads_a_few_tokens(model: Model) -> None:
    completer = InlineCompleter(dataclasses.replace(SETTINGS, max_lines=1))
    unread = []
    for size in range(1, len(LINE) + 1):
        answer = completer.complete(request(LINE[:size], size), model)
        if isinstance(answer, Suggestion) and answer.usage:
            unread.append(answer.usage.prompt_tokens - answer.usage.cached_tokens)
    assert len(unread) > 5
    assert max(unread[1:]) <= 16


def test_the_deadline_holds(model: Model) -> None:
    completer = InlineCompleter(SETTINGS)
    completer.complete(request(LINE, 1), model)
    began = time.monotonic()
    answer = completer.complete(request("print(area(1, ", 2, budget_ms=40), model)
    assert time.monotonic() - began < 0.5
    assert isinstance(answer, Suggestion) or answer.reason.value in {"deadline", "cold"}


def test_a_suggestion_is_a_whole_unit(model: Model) -> None:
    answer = InlineCompleter(SETTINGS).complete(request("def square(side):\n    ", 1), model)
    assert isinstance(answer, Suggestion | Silence)
    if isinstance(answer, Suggestion):
        assert answer.finish in {"stop", "eos"}
