from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from typing import Any

import pytest

from completion.inline import InlineCompleter, InlineRequest, InlineSettings, Reason, Silence, Suggestion
from engine.cancel import CancelToken
from engine.model import Generation, Usage
from tests.completion.support import SETTINGS, ask, check, check_silent, request_of
from tests.support.scripted import ScriptedModel
from text.document import Document


def test_the_rest_of_a_line() -> None:
    check("def f(a):\n    return $0", "a + 1\n", "def f(a):\n    return a + 1")


def test_a_word_is_finished() -> None:
    check("def f(alpha):\n    return al$0\n", "pha\n", "def f(alpha):\n    return alpha\n")


def test_an_empty_file() -> None:
    check("$0", "import os\n", "import os")


def test_a_block_in_an_empty_body() -> None:
    check(
        "def f(a):\n    $0\n\ng()\n",
        "b = a\n    return b\n\ndef h():",
        "def f(a):\n    b = a\n    return b\n\ng()\n",
    )


def test_a_statement_with_its_suite() -> None:
    check("x = 1\nif x$0\ng()\n", ":\n    f()\ng()\n", "x = 1\nif x:\n    f()\ng()\n")


def test_before_paired_brackets() -> None:
    answer = check("x = f($0)\n", "a, b)\n", "x = f(a, b)\n")
    assert answer.edit.new == "a, b"


def test_over_paired_brackets() -> None:
    check("if f($0):\n    g()\n", "a, b):\n", "if f(a, b):\n    g()\n")
    check("def f($0)\n", "a, b):\n", "def f(a, b):\n")


def test_a_bracket_that_stands_below_is_not_closed_twice() -> None:
    check("x = f(\n    $0\n)\n", "a, b)\n", "x = f(\n    a, b\n)\n")


def test_before_code_on_the_line() -> None:
    check("x = f($0, c)\n", "a, c)\n", "x = f(a, c)\n")


def test_code_that_does_not_fit_before_the_rest() -> None:
    check_silent("x = f($0, c)\n", "a +\n", "mid-line")
    check_silent("x = f($0[c])\n", "a b\n", "mid-line")


def test_inside_a_word() -> None:
    check_silent("x = fo$0o\n", "o\n", "mid-word")


def test_a_model_without_a_suffix_keeps_out_of_lines() -> None:
    answer = ask("x = f($0, c)\n", "a\n", fim=False)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "mid-line"
    assert isinstance(ask("x = f($0)\n", "a)\n", fim=False), Suggestion)


def test_the_next_lines_are_not_repeated() -> None:
    check("x = 1\ny = $0\nz = 3\n", "2\nz = 3\n", "x = 1\ny = 2\nz = 3\n")
    check_silent("x = 1\n$0\nz = 3\n", "z = 3\n", "repeats")


def test_a_file_that_parses_goes_on_parsing() -> None:
    check_silent("x = 1\n$0\n", "y = = 2\n", "breaks-syntax")


def test_a_broken_file_does_not_get_worse() -> None:
    check("def g(:\n    pass\n\nx = $0\n", "f(1)\n", "def g(:\n    pass\n\nx = f(1)\n")
    check_silent("def g(:\n    pass\n\nx = 1\n$0\n", "y = = 2\n", "breaks-syntax")


def test_a_finished_line_is_left_alone_unless_it_was_asked_for() -> None:
    check_silent("x = f(1)$0\n", "\ny = 2\n", "empty")
    assert isinstance(ask("x = f(1)$0\n", "\ny = 2\n", automatic=False), Suggestion)
    check("def f():$0\n", "\n    return 1\n\n", "def f():\n    return 1\n")


def test_tabs() -> None:
    check(
        "func f() {\n\tif x {\n\t\t$0\n\t}\n}\n",
        "a()\n        b()\n    }\n",
        "func f() {\n\tif x {\n\t\ta()\n\t\tb()\n\t}\n}\n",
        "go",
    )


def test_windows_line_endings() -> None:
    check(
        "def f(a):\r\n    $0\r\n\r\ng()\r\n",
        "b = a\n    return b\n",
        "def f(a):\r\n    b = a\r\n    return b\r\n\r\ng()\r\n",
    )


@pytest.mark.parametrize(
    "around", ["# 🙂🙃\n{}", "\ufeff{}", "\f{}", "# \u2028 \u0085\n{}", "x = '''\r'''\n{}"]
)
def test_odd_characters_around(around: str) -> None:
    check(around.format("x = $0"), "1\n", around.format("x = 1"))


def test_odd_characters_in_the_suggestion() -> None:
    check("x = '🙂$0", "🙃'\n", "x = '🙂🙃'")


def test_plain_text_without_a_grammar() -> None:
    check("one, two, $0", "three\n", "one, two, three", language="")


def test_no_model_is_needed_to_type_along() -> None:
    model, completer = ScriptedModel(lambda _: "a + 1\n"), InlineCompleter(SETTINGS)
    first = completer.complete(request_of("def f(a):\n    return $0"), model)
    asked = len(model.prompts)
    for version, typed in enumerate(["a", "a ", "a +", "a", "a + "], start=2):
        answer = completer.complete(request_of(f"def f(a):\n    return {typed}$0", version), model)
        assert isinstance(answer, Suggestion)
        assert (answer.source, typed + answer.text, answer.version) == ("typed-through", "a + 1", version)
    assert isinstance(first, Suggestion)
    assert first.source == "model"
    assert len(model.prompts) == asked


def test_what_was_deleted_does_not_come_back() -> None:
    model, completer = ScriptedModel(lambda _: "a + 1\n"), InlineCompleter(SETTINGS)
    completer.complete(request_of("def f(a):\n    return a + 1$0\n"), ScriptedModel(lambda _: ""))
    answer = completer.complete(request_of("def f(a):\n    return $0\n", 2), model)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "reverts"


def test_an_unsure_model_is_silent() -> None:
    answer = ask("x = $0", "1\n", logprob=-3.0)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "unsure"
    assert isinstance(ask("x = $0", "1\n", logprob=-3.0, automatic=False), Suggestion)
    sure = ask("x = $0", "1\n", settings=dataclasses.replace(SETTINGS, min_confidence=0.0), logprob=-3.0)
    assert isinstance(sure, Suggestion)
    assert sure.confidence == pytest.approx(math.exp(-6))


def test_scopes_can_be_switched_off() -> None:
    settings = dataclasses.replace(SETTINGS, scopes_off=frozenset({"comment"}))
    answer = ask("x = 1  # the $0", "first\n", settings=settings)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "scope-off"
    assert isinstance(ask("x = 1  # the $0", "first\n"), Suggestion)


def late(marked: str, script: str, tokens: int) -> Suggestion | Silence:
    """The answer when the deadline comes after so many tokens."""
    request = dataclasses.replace(request_of(marked), budget_ms=200)
    model = ScriptedModel(lambda _: script, before_token=lambda n: time.sleep(0.25 if n == tokens else 0))
    return InlineCompleter(SETTINGS).complete(request, model)


def test_half_a_line_is_not_shown_at_the_deadline() -> None:
    answer = late("def f(a):\n    return $0\n", "a + 1\n", tokens=3)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "deadline"


def test_whole_lines_are_shown_at_the_deadline() -> None:
    answer = late("def f(a):\n    $0\n", "b = 1\n    return b\n", tokens=12)
    assert isinstance(answer, Suggestion)
    assert answer.text == "b = 1"


def test_what_was_cut_off_is_a_draft_for_the_next_keystroke() -> None:
    drafts: list[str] = []

    class Drafting(ScriptedModel):
        def generate(self, prompt: Sequence[int], **options: Any) -> Generation:
            generation = super().generate(prompt, **options)
            first = generation.tokens[: len(options["heal"]) + 1]
            drafts.append(self.tokenizer.decode(options["draft"].draft([*prompt, *first], 99)))
            return generation

    model = Drafting({"x = ": "alpha + beta + gamma\n", "x = a": "lpha + beta + gamma\n"})
    completer = InlineCompleter(dataclasses.replace(SETTINGS, max_tokens=12))
    for version, typed in enumerate(["", "a"]):
        completer.complete(request_of(f"x = {typed}$0\n", version), model)
    assert drafts == ["", "pha + bet"]


def test_a_cancelled_request_says_so() -> None:
    cancel = CancelToken()
    cancel.cancel()
    answer = InlineCompleter(SETTINGS).complete(request_of("x = $0"), ScriptedModel(lambda _: "1\n"), cancel)
    assert isinstance(answer, Silence)
    assert answer.reason.value == "cancelled"


def test_a_line_that_never_ends() -> None:
    answer = ask("x = $0", "1 + " * 100, settings=InlineSettings(max_tokens=20))
    assert isinstance(answer, Silence)
    assert answer.reason.value == "too-long"


def test_data_is_not_completed() -> None:
    check_silent("x = [" + "1, " * 1000 + "$0]\n", "1\n", "long-line")


def test_a_closed_document_is_forgotten() -> None:
    completer, request = InlineCompleter(SETTINGS), request_of("x = $0")
    completer.complete(request, ScriptedModel(lambda _: "1\n"))
    assert completer.try_typed_through(request)
    completer.forget(request.document.uri)
    assert completer.try_typed_through(request) is None


def test_a_request_without_time_to_answer_reads_for_the_next_one() -> None:
    completer = InlineCompleter()
    completer._pace.learn(Usage(prompt_tokens=1000, prefill_ms=2500))  # time for 57 tokens: not enough to try
    document = Document.create("file:///p.py", "".join(f"line_{n} = {n}\n" for n in range(30)) + "last = ")
    model = ScriptedModel({"last = ": "31\n"})
    request = InlineRequest(document, len(document), "p.py", budget_ms=285)
    first = completer.complete(request, model)
    assert isinstance(first, Silence)
    assert first.reason is Reason.COLD
    second = completer.complete(request, model)
    assert isinstance(second, Suggestion)
    assert second.text == "31"
