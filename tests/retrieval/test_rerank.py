from __future__ import annotations

import math
import time

import msgspec
import pytest

from engine.cancel import Cancelled, CancelToken
from retrieval.rerank import FLOOR, MOST, WEIGHT, Read, reranked
from tests.support.scripted import ScriptedModel

QUESTION = "try again when it fails"


class Answer(msgspec.Struct, frozen=True):
    name: str
    score: float
    why: dict[str, float]


class Prompts:
    """The script of a model that would say the question of whatever calls something again, and no other."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.seen.append(prompt)
        return f" {QUESTION}" if "again(" in prompt else ""


def answers(*names: str) -> list[Answer]:
    return [Answer(name, 1 - at / 100, {"words": 1 - at / 100}) for at, name in enumerate(names)]


def read(answer: Answer) -> Read:
    return Read("net/work.py", f"Queue.{answer.name}", f"def {answer.name}(x):\n    {answer.name}(x)\n")


def test_what_says_the_question_comes_first() -> None:
    script = Prompts()
    found = reranked(QUESTION, answers("open", "again", "close"), read, ScriptedModel(script), until=math.inf)
    assert [each.name for each in found] == ["again", "open", "close"]
    assert found[0].why == {"words": 0.99, "reading": 0.0}
    least = WEIGHT * (FLOOR + 0.05) * len(f" {QUESTION}")  # a byte is a token of this model
    assert found[1].why["reading"] == pytest.approx(least)
    assert all(each.score == pytest.approx(sum(each.why.values())) for each in found)
    assert script.seen[0] == "# net/work.py: Queue.open\ndef open(x):\n    open(x)\n\n# What open does:"


def test_what_is_not_read_stays_in_its_order_behind() -> None:
    names = [f"open{n}" for n in range(MOST - 1)] + ["again", "again_too_late", "last"]
    script = Prompts()
    found = reranked(QUESTION, answers(*names), read, ScriptedModel(script), until=math.inf)
    assert [each.name for each in found] == ["again", *names[: MOST - 1], "again_too_late", "last"]
    assert len(script.seen) == MOST


def test_without_time_all_is_as_it_was() -> None:
    script = Prompts()
    before = answers("open", "again")
    assert reranked(QUESTION, before, read, ScriptedModel(script), until=time.monotonic()) == before
    assert script.seen == []


def test_one_word_is_a_name() -> None:
    before = answers("open", "again")
    assert reranked("again", before, read, ScriptedModel(Prompts()), until=math.inf) == before


def test_cancelled() -> None:
    token = CancelToken()
    token.cancel("no longer wanted")
    with pytest.raises(Cancelled):
        reranked(QUESTION, answers("a", "b"), read, ScriptedModel(Prompts()), until=math.inf, cancel=token)


def test_secrets_are_not_read() -> None:
    script = Prompts()
    secret = "ghp_" + "a1B2c3D4e5" * 4
    reranked(
        f"what is {secret} for",
        answers("a", "b"),
        lambda answer: Read("x.ts", answer.name, f"token = '{secret}'"),
        ScriptedModel(script),
        until=math.inf,
    )
    assert script.seen
    assert all(secret not in prompt for prompt in script.seen)
    assert script.seen[0].startswith("// x.ts: a\n")
