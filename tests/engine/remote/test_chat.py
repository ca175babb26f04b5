"""What becomes of answers that are none. That a real server is understood: tests/e2e/test_endpoint.py."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from engine.cancel import Cancelled, CancelToken
from engine.remote import exchange
from engine.remote.chat import chat
from engine.remote.endpoint import TOTAL_S, Endpoint
from engine.remote.exchange import EndpointError
from tests.lsp_server.chat_server import DONE, ChatServer, chat_server, event

ASKED = [{"role": "user", "content": "the source text"}]
KEY = "sk-the-key-itself"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


def ask(server: ChatServer, cancel: CancelToken | None = None, seconds: float = TOTAL_S) -> str:
    where = Endpoint(server.url, "big", KEY)
    return chat(where, ASKED, max_tokens=7, cancel=cancel or CancelToken(), seconds=seconds)


def test_the_pieces_of_an_answer_are_joined(server: ChatServer) -> None:
    server.parts = [
        b": a comment\n\n",
        event("a"),
        event(" b"),
        b'data: {"choices": []}\n\n',
        event("ü"),
        DONE,
    ]
    assert ask(server) == "a bü"
    ((path, key, body),) = server.asked
    assert (path, key) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body["messages"] == ASKED
    assert (body["model"], body["max_tokens"], body["stream"]) == ("big", 7, True)


def test_a_server_that_does_not_stream(server: ChatServer) -> None:
    server.kind = "application/json"
    server.parts = [json.dumps({"choices": [{"message": {"content": "all at once"}}]}).encode()]
    assert ask(server) == "all at once"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([event("a")], "breaks off"),
        ([event("a")[:-10]], "breaks off"),
        ([b"data: {nonsense\n\n"], "does not speak"),
        ([b"data: [1, 2]\n\n"], "does not speak"),
        ([b'data: {"choices": [3]}\n\n'], "does not speak"),
        ([b'data: {"error": {"message": "the source text"}}\n\n'], "in the middle"),
        (
            [b'data: {"choices": [{"finish_reason": "length", "delta": {}}]}\n\n', DONE],
            "longer than it may be",
        ),
        ([event("x" * 300_000), event("x" * 300_000)], "does not end"),
    ],
)
def test_half_an_answer_is_none(server: ChatServer, parts: list[bytes], reason: str) -> None:
    server.parts = parts
    with pytest.raises(EndpointError, match=reason) as error:
        ask(server)
    assert "source text" not in str(error.value)


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
def test_a_refusal_names_its_code_and_a_redirect_is_not_followed(server: ChatServer, status: int) -> None:
    with chat_server() as other:
        server.status, server.location, server.parts = status, other.url, [f"bad key {KEY}".encode()]
        with pytest.raises(EndpointError, match=str(status)) as error:
            ask(server)
        assert KEY not in str(error.value)
        assert not other.asked


def test_a_silent_server_is_not_waited_for(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SILENCE_S", 0.2)
    server.parts, server.hangs = [event("a")], True
    with pytest.raises(EndpointError, match="said nothing"):
        ask(server)


def test_an_endless_answer_is_cut_off(server: ChatServer) -> None:
    server.parts, server.hangs = [event("a")], True
    with pytest.raises(EndpointError, match="took more than"):
        ask(server, seconds=0.2)
    assert server.left.wait(20)


def test_cancelling_ends_a_read_that_waits(server: ChatServer) -> None:
    server.parts, server.hangs = [event("a")], True
    cancel = CancelToken()

    def give_up() -> None:
        server.answering.wait()
        cancel.cancel()

    threading.Thread(target=give_up).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(server, cancel)
    assert time.monotonic() - began < 30, "a server's silence is waited for twice as long"
    assert server.left.wait(20), "the server does not learn that nobody listens"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must look like"),
        ("localhost:8080", "must look like"),
        ("ftp://localhost/v1", "must look like"),
        ("http://localhost:port/v1", "must look like"),
        ("https://name:password@localhost/v1", "must look like"),
        ("http://192.0.2.1/v1", "must begin with https"),
        ("http://127.0.0.1:1/v1", "nothing listens"),
    ],
)
def test_addresses_that_are_none(url: str, reason: str) -> None:
    with pytest.raises(EndpointError, match=reason) as error:
        chat(Endpoint(url, "big", KEY), ASKED, max_tokens=7, cancel=CancelToken())
    assert KEY not in f"{error.value} {Endpoint(url, 'big', KEY)!r}"
