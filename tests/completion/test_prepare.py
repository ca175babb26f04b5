from __future__ import annotations

from completion.inline import InlineRequest
from completion.memory import Memory
from completion.pace import Pace
from completion.prepare import prompt_for, warm_prompt
from completion.prompt import Prompt
from completion.reasons import Silence
from completion.window import Limits
from engine.model import Usage
from tests.support.scripted import ScriptedModel
from text.document import Document

LIMITS = Limits(before=900, before_most=1200, after=300)
MODEL = ScriptedModel(lambda _: "")
DOCUMENT = Document.create("file:///p", "".join(f"line_{number} = 1\n" for number in range(300)), 0, "python")
REQUEST = InlineRequest(DOCUMENT, len(DOCUMENT) // 2, "p.py", budget_ms=300)


def pace(ms_per_token: float) -> Pace:
    measured = Pace()
    measured.learn(Usage(prompt_tokens=1000, prefill_ms=1000 * ms_per_token))
    return measured


def length(memory: Memory, pace: Pace) -> int:
    prompt = prompt_for(REQUEST, memory, MODEL, LIMITS, pace)
    assert isinstance(prompt, Prompt), prompt
    return len(prompt.tokens)


def test_before_anything_is_known_the_whole_window_is_shown() -> None:
    assert 1100 < length(Memory(), Pace()) <= 1260


def test_what_cannot_be_read_in_time_is_left_out() -> None:
    assert 250 < length(Memory(), pace(0.5)) <= 300 + 16 < length(Memory(), pace(0.1))


def test_what_has_been_read_costs_no_time() -> None:
    memory = Memory()
    prepared = warm_prompt(REQUEST, memory, MODEL, LIMITS)
    assert prepared
    window, prompt = prepared
    memory.keep_prompt(prompt.tokens)
    memory.keep_window(window)
    assert length(memory, pace(0.5)) == len(prompt.tokens)


def test_near_what_has_been_read_the_suffix_is_shorter() -> None:
    memory = Memory()
    prepared = warm_prompt(REQUEST, memory, MODEL, LIMITS)
    assert prepared
    window, prompt = prepared
    memory.keep_prompt(prompt.tokens)
    memory.keep_window(window)
    moved = InlineRequest(DOCUMENT, REQUEST.offset + 40, "p.py", budget_ms=300)
    answer = prompt_for(moved, memory, MODEL, LIMITS, pace(0.8))
    assert isinstance(answer, Prompt)
    assert answer.inputs.head == prompt.inputs.head
    assert 32 <= len(answer.inputs.suffix) < 150
    assert memory.unread(answer.tokens) <= 300 * 0.5 / 0.8


def test_a_model_that_is_far_too_slow_is_not_asked() -> None:
    answer = prompt_for(REQUEST, Memory(), MODEL, LIMITS, pace(10))
    assert isinstance(answer, Silence)
    assert answer.reason.value == "cold"
    assert answer.detail.endswith("tokens to read, time for 15")


def test_a_short_context_has_a_short_window() -> None:
    model = ScriptedModel(lambda _: "", context=512)
    prompt = prompt_for(REQUEST, Memory(), model, LIMITS, Pace())
    assert isinstance(prompt, Prompt)
    assert len(prompt.tokens) <= 400


def test_a_line_that_fills_the_context_is_not_read() -> None:
    model = ScriptedModel(lambda _: "", context=1024)
    document = Document.create("file:///p", "x = '" + "🙂" * 250)
    answer = prompt_for(InlineRequest(document, len(document), "p.py"), Memory(), model, LIMITS, Pace())
    assert isinstance(answer, Silence)
    assert answer.reason.value == "long-line"
    assert warm_prompt(InlineRequest(document, len(document), "p.py"), Memory(), model, LIMITS) is None


def test_the_pace_is_that_of_recent_requests() -> None:
    changing = pace(1.0)
    assert changing.affordable(150) == 150
    for _ in range(20):
        changing.learn(Usage(prompt_tokens=1000, cached_tokens=900, prefill_ms=50))
    assert changing.affordable(150) == 299
    changing.learn(Usage(prompt_tokens=1000, cached_tokens=999, prefill_ms=50))
    assert changing.affordable(150) == 299
