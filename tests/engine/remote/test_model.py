"""What a completions endpoint says, as a `Model`: the protocol against a server that says it on demand.

That real servers say such things: tests/e2e/test_endpoint.py.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.cancel import CancelToken
from engine.errors import RemoteFailed
from engine.remote import model as module
from engine.remote.endpoint import Endpoint
from engine.remote.model import RemoteModel
from tests.lsp_server.chat_server import DONE, ChatServer, chat_server, said, written

KEY = "sk-the-key-itself"
CONTENT = [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -2.0}]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


@pytest.fixture
def news() -> list[str]:
    return []


@pytest.fixture
def model(server: ChatServer, news: list[str]) -> RemoteModel:
    server.parts = [written("x"), DONE]
    made = RemoteModel(Endpoint(server.url, "qwen-big", KEY), on_news=news.append)
    made.try_out()
    assert not made.trouble
    server.asked.clear()
    return made


def test_a_prompt_goes_out_as_text_and_its_answer_comes_back(server: ChatServer, model: RemoteModel) -> None:
    server.parts = [written(" a", -0.1), written(" +", -0.2), written(" b", -0.3, "stop"), DONE]
    fim = model.tokenizer.fim
    assert fim is not None
    prompt = [fim.prefix, *model.tokenizer.encode("def f():\n"), fim.suffix, fim.middle]
    answer = model.generate(prompt, max_tokens=7)
    assert (answer.text, answer.finish) == (" a + b", "eos")
    assert answer.logprobs == (-0.1, -0.2, -0.3)
    assert [model.tokenizer.token_bytes(token) for token in answer.tokens] == [b" a", b" +", b" b"]
    assert answer.usage.generated_tokens == 3
    ((path, key, body),) = server.asked
    assert (path, key) == ("/v1/completions", f"Bearer {KEY}")
    assert body["prompt"] == "<|fim_prefix|>def f():\n<|fim_suffix|><|fim_middle|>"
    assert (body["model"], body["max_tokens"], body["temperature"], body["stream"]) == (
        "qwen-big",
        7,
        0,
        True,
    )
    assert "<|endoftext|>" in body["stop"]


def of(model: RemoteModel, text: str = "x = ") -> list[int]:
    return model.tokenizer.encode(text)


def test_enough_is_enough_and_the_server_learns_it(server: ChatServer, model: RemoteModel) -> None:
    server.parts, server.hangs = [written("a"), written("\n"), written("b")], True
    answer = model.generate(of(model), max_tokens=7, stop=lambda text: "\n" in text)
    assert (answer.text, answer.finish) == ("a\n", "stop")
    assert server.left.wait(20)


def test_cancelled_or_late_it_hangs_up_and_keeps_what_there_is(
    server: ChatServer, model: RemoteModel
) -> None:
    server.parts, server.hangs = [written("a")], True
    cancel = CancelToken()

    def stop(text: str) -> bool:
        cancel.cancel()
        return False

    answer = model.generate(of(model), max_tokens=7, stop=stop, cancel=cancel)
    assert (answer.text, answer.finish) == ("a", "cancelled")
    assert server.left.wait(20)
    assert model.generate(of(model), max_tokens=7, cancel=cancel).finish == "cancelled"
    late = model.generate(of(model), max_tokens=7, deadline=time.monotonic() + 0.3)
    assert (late.text, late.finish) == ("a", "deadline")


@pytest.mark.parametrize(
    ("parts", "text", "finish"),
    [
        ([written("a", finish="length"), DONE], "a", "length"),
        ([written("ab<|endoftext|>"), written("c"), DONE], "ab", "eos"),
        ([written("<|file_sep|>"), written("c"), DONE], "", "eos"),
        ([b": a comment\n\n", said({"choices": []}), written("a"), DONE], "a", "eos"),
        ([said({"choices": [{"text": "ab", "logprobs": None}]}), DONE], "ab", "eos"),
        (
            [said({"choices": [{"text": "ab", "logprobs": {"content": CONTENT}}]}), DONE],
            "ab",
            "eos",
        ),
    ],
)
def test_the_ways_in_which_answers_come(
    server: ChatServer, model: RemoteModel, parts: list[bytes], text: str, finish: str
) -> None:
    server.parts = parts
    answer = model.generate(of(model), max_tokens=7)
    assert (answer.text, answer.finish) == (text, finish)
    assert len(answer.logprobs) == len(answer.tokens)


def test_a_character_of_several_tokens_counts_as_one(server: ChatServer, model: RemoteModel) -> None:
    told = {"tokens": ["\ufffd", "\ufffd"], "token_logprobs": [-0.5, -0.25]}
    server.parts = [said({"choices": [{"text": "ü", "logprobs": told}]}), DONE]
    assert model.generate(of(model), max_tokens=7).logprobs == (-0.75,)


# How an answer begins


def test_a_word_is_sent_and_gone_on_from(server: ChatServer, model: RemoteModel) -> None:
    server.parts = [written("urn", -0.5), DONE]
    answer = model.generate(of(model, "    "), max_tokens=7, heal="ret")
    assert server.asked[0][2]["prompt"] == "    ret"
    assert answer.text == "return"
    assert answer.logprobs == (0.0, -0.5)


def test_the_last_blank_is_left_to_the_model(server: ChatServer, model: RemoteModel) -> None:
    server.parts = [written(" a"), DONE]
    answer = model.generate(of(model, "x ="), max_tokens=7, heal=" ")
    assert [asked[2]["prompt"] for asked in server.asked] == ["x ="]
    assert answer.text == " a"


def test_an_answer_that_begins_otherwise_is_asked_for_again(server: ChatServer, model: RemoteModel) -> None:
    def answer(body: Any) -> list[bytes]:
        return [written("a" if body["prompt"].endswith(" ") else "= b"), DONE]

    server.answer = answer
    assert model.generate(of(model, "x ="), max_tokens=7, heal=" ").text == " a"
    assert [asked[2]["prompt"] for asked in server.asked] == ["x =", "x = "]


# What goes wrong


@pytest.mark.parametrize(
    ("status", "parts", "reason"),
    [
        (401, [f"wrong key {KEY}".encode()], "401"),
        (404, [], "404"),
        (429, [], "429"),
        (503, [], "503"),
        (500, [b"the source text"], "500"),
        (302, [], "302"),
        (200, [b"data: {garbage\n\n"], "does not speak"),
        (200, [b"data: 7\n\n"], "does not speak"),
        (200, [said({"choices": [7]})], "does not speak"),
        (200, [said({"choices": [{"text": {}, "logprobs": {"tokens": 3}}]})], "does not speak"),
        (200, [written("a")], "breaks off"),
        (200, [said({"error": {"message": "the source text"}})], "in the middle"),
    ],
)
def test_trouble_is_told_once_and_the_server_left_alone(
    server: ChatServer, model: RemoteModel, news: list[str], status: int, parts: list[bytes], reason: str
) -> None:
    server.status, server.parts = status, parts
    for _ in range(3):
        with pytest.raises(RemoteFailed, match=reason) as error:
            model.generate(of(model), max_tokens=7)
        assert KEY not in f"{error.value} {error.value.remedy}"
        assert "source text" not in str(error.value)
    assert len(server.asked) == 1
    (told,) = news
    assert reason in told
    assert KEY not in told


def test_it_is_asked_again_by_and_by(
    server: ChatServer, model: RemoteModel, news: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(module, "READ_S", 1e9)
    server.status = 500
    asked = []
    for _ in range(40):
        with pytest.raises(RemoteFailed):
            model.generate(of(model), max_tokens=7)
        asked.append(len(server.asked))
        now[0] += 1.0
    assert asked[0] == asked[4] == 1
    assert asked[5] == 2
    assert asked[-1] == 4  # after 5, 10 and 20 seconds
    assert len(news) == 1
    server.status, server.parts = 200, [written("a"), DONE]
    now[0] += 60
    assert model.generate(of(model), max_tokens=7).text == "a"
    assert news[1:] == [""]


def test_a_server_that_never_begins_in_time_is_in_trouble(
    server: ChatServer, model: RemoteModel, news: list[str]
) -> None:
    server.parts, server.hangs = [], True
    for _ in range(module.MUTE - 1):
        assert model.generate(of(model), max_tokens=7, deadline=time.monotonic() + 0.05).finish == "deadline"
    with pytest.raises(RemoteFailed, match="never begins"):
        model.generate(of(model), max_tokens=7, deadline=time.monotonic() + 0.05)
    assert len(news) == 1


def test_a_server_that_tells_no_probabilities(server: ChatServer) -> None:
    """As llama-cpp-python's does without `logits_all`: its answer breaks off."""

    def answer(body: Any) -> list[bytes]:
        return [] if "logprobs" in body else [written("a", None), DONE]

    server.answer = answer
    model = RemoteModel(Endpoint(server.url, "big"))
    model.try_out()
    assert not model.trouble
    assert model.generate(of(model), max_tokens=7).logprobs == (0.0,)


def test_a_server_that_refuses_what_it_does_not_know(server: ChatServer) -> None:
    def answer(body: Any) -> list[bytes]:
        server.status = 200
        return [] if "skip_special_tokens" in body else [written("a"), DONE]

    server.answer = answer
    model = RemoteModel(Endpoint(server.url, "big"))
    assert model.generate(of(model), max_tokens=7).text == "a"
    assert "skip_special_tokens" not in server.asked[-1][2]


# Reading ahead, and the rest


def test_reading_ahead_asks_for_one_token_and_gives_way(server: ChatServer, model: RemoteModel) -> None:
    model.warm(of(model))
    assert server.asked[0][2]["max_tokens"] == 1
    server.parts, server.hangs = [], True
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    model.warm(of(model), cancel=cancel)
    assert server.left.wait(20)


def test_what_does_not_fit_is_not_sent(server: ChatServer, model: RemoteModel) -> None:
    for prompt in ([], of(model, "\n" * 5000)):
        with pytest.raises(ValueError, match="room"):
            model.generate(prompt, max_tokens=7)
    assert not server.asked


LIKELIEST = {"-": -0.5, "-(": -1.5, " ": -3.0, "x": -6.0}


@pytest.mark.parametrize(
    "told",
    [
        {"tokens": ["-"], "token_logprobs": [-0.5], "top_logprobs": [LIKELIEST]},
        {"content": [{"token": "-", "logprob": -0.5, "top_logprobs": [
            {"token": token, "logprob": logprob} for token, logprob in LIKELIEST.items()]}]},
    ],
)  # fmt: skip
def test_the_marks_of_a_diff_are_judged_by_one_answer(
    server: ChatServer, model: RemoteModel, told: Any
) -> None:
    server.parts = [said({"choices": [{"text": "-", "logprobs": told}]}), DONE]
    drop, keep, add = (model.score(of(model), of(model, mark))[0] for mark in "- +")
    assert drop == pytest.approx(math.log(math.exp(-0.5) + math.exp(-1.5)))
    assert keep == pytest.approx(-3.0)
    assert add == pytest.approx(-6.0)
    assert len(server.asked) == 1
    assert server.asked[0][2]["logprobs"] == 5


def test_without_probabilities_nothing_is_judged(server: ChatServer, model: RemoteModel) -> None:
    server.parts = [written("a", None), DONE]
    with pytest.raises(RemoteFailed, match="no probabilities"):
        model.score(of(model), of(model, "-"))


def test_two_prompts_that_begin_alike_are_sent_alike(server: ChatServer, model: RemoteModel) -> None:
    """So that the server's prefix cache has the first one's beginning."""
    fim = model.tokenizer.fim
    assert fim is not None
    encode = model.tokenizer.encode
    for tail in ("ret", "retu", "return x"):
        prompt = [fim.prefix, *encode("import os\n"), fim.suffix, *encode("\n"), fim.middle, *encode(tail)]
        model.generate(prompt, max_tokens=1)
    first, second, third = (asked[2]["prompt"] for asked in server.asked)
    assert second.startswith(first)
    assert third.startswith(second)


def test_a_server_that_is_starting_is_asked_once(server: ChatServer, news: list[str]) -> None:
    """As llama.cpp's while it loads a model: no other way of asking would help."""
    server.status = 503
    RemoteModel(Endpoint(server.url, "big"), on_news=news.append).try_out()
    assert len(server.asked) == 1
    assert "starting" in news[0]
