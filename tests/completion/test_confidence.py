from __future__ import annotations

import math

import pytest

from completion.confidence import confidence
from engine.model import Generation, Usage
from tests.support.scripted import byte_tokenizer

TOKENIZER = byte_tokenizer()


def sureness(text: str, logprobs: list[float], heal: str = "") -> float:
    tokens = tuple(TOKENIZER.encode(text))
    return confidence(Generation(tokens, text, tuple(logprobs), "stop", Usage()), heal, TOKENIZER)


def test_the_probability_of_the_line_and_its_end() -> None:
    assert sureness("ab\n", [-0.1, -0.2, -0.3]) == pytest.approx(math.exp(-0.6))


def test_later_lines_do_not_count() -> None:
    assert sureness("a\nb", [-0.1, -0.2, -5.0]) == pytest.approx(math.exp(-0.3))


def test_a_line_end_at_the_start_does_not_end_the_first_line() -> None:
    assert sureness("\n a\nb", [-0.1, -0.1, -0.1, -0.1, -5.0]) == pytest.approx(math.exp(-0.4))


def test_healed_text_does_not_count() -> None:
    assert sureness("ab\n", [-5.0, -0.2, -0.3], heal="a") == pytest.approx(math.exp(-0.5))


def test_nothing_is_not_sure() -> None:
    assert sureness("", []) == 0
    assert sureness("a", [-0.1], heal="a") == 0


@pytest.mark.parametrize("opening", ['"""\n', "'''\n", "/**\n", '  r"""\n'])
def test_the_opening_of_a_doc_string_says_nothing_by_itself(opening: str) -> None:
    text = opening + "ab\nc"
    logprobs = [0.0] * len(opening) + [-0.1, -0.2, -0.3, -5.0]
    assert sureness(text, logprobs) == pytest.approx(math.exp(-0.6))
