"""Every request is answered once, with the right code, whatever it looks like; nothing reaches the user."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp_server.connection import Connection, RequestFailed, connected

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, REQUEST_CANCELLED = -32002, -32800


@pytest.fixture
def fresh(scripted_model: Any) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        yield connection


@pytest.fixture
def client(fresh: Connection) -> Connection:
    fresh.ready()
    return fresh


def code(message: Any) -> int:
    """The error code of a reply."""
    value = message["error"]["code"]
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'"\xff\xfe"',
        b"\x80\x81",
        b'{"jsonrpc":"2.0","id":NaN,"method":"shutdown"}',
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":' + b"9" * 10_000 + b"}",
    ],
    ids=["empty", "cut", "text", "utf-8 within", "utf-8", "nan", "deep", "long number"],
)
def test_no_json_is_a_parse_error(client: Connection, body: bytes) -> None:
    client.body(body)
    client.synchronise()
    assert [code(stray) for stray in client.strays] == [PARSE_ERROR]
    assert not client.messages()


@pytest.mark.parametrize("body", [b"1", b'"x"', b"null", b"true", b"[]", b"[1]"])
def test_json_that_is_no_message_is_an_invalid_request(client: Connection, body: bytes) -> None:
    client.body(body)
    client.synchronise()
    assert [code(stray) for stray in client.strays] == [INVALID_REQUEST]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"id": 7, "method": "tacit/status"}, INVALID_REQUEST),  # without jsonrpc
        ({"jsonrpc": "1.0", "id": 7, "method": "tacit/status"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 7}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 7, "method": None}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 7, "method": 5}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 7, "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": 7, "method": "$/no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/inlineCompletion"}, INVALID_PARAMS),
        (
            {"jsonrpc": "2.0", "id": 7, "method": "textDocument/inlineCompletion", "params": []},
            INVALID_PARAMS,
        ),
        (
            {"jsonrpc": "2.0", "id": 7, "method": "textDocument/completion", "params": {"x": 1}},
            INVALID_PARAMS,
        ),
        (
            {"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "x"}},
            INVALID_PARAMS,
        ),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand"}, INVALID_PARAMS),
        ({"jsonrpc": "2.0", "id": 7, "method": "tacit/why", "params": "x"}, INVALID_PARAMS),
        (
            {"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {"capabilities": {}}},
            INVALID_REQUEST,
        ),
        ({"jsonrpc": "2.0", "id": 7.5, "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": "seven", "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": "", "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": 0, "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "id": -1, "method": "no/such"}, METHOD_NOT_FOUND),
    ],
)
def test_a_bad_request_gets_one_reply_with_its_code(client: Connection, message: Any, expected: int) -> None:
    client.body(json.dumps(message).encode())
    assert code(client.reply(message["id"])) == expected
    client.synchronise()
    assert not client.messages()


@pytest.mark.parametrize("id", ["null", "true", "[1]", '{"a":1}', "1e999"])
def test_an_id_that_is_none_is_answered_with_null(client: Connection, id: str) -> None:
    client.body(f'{{"jsonrpc":"2.0","id":{id},"method":"tacit/status"}}'.encode())
    client.synchronise()
    assert [code(stray) for stray in client.strays] == [INVALID_REQUEST]


@pytest.mark.parametrize("id", [3.0, 2.5, "text", 0, "0", -7, 2**70])
def test_ids_come_back_as_they_were_sent(client: Connection, id: Any) -> None:
    client.send(id=id, method="tacit/why")
    assert client.reply(id)["id"] == id


def test_a_batch_is_answered_one_by_one(client: Connection) -> None:
    batch = [{"jsonrpc": "2.0", "id": id, "method": "tacit/why"} for id in ("a", "b")]
    client.body(json.dumps([*batch, {"jsonrpc": "2.0", "method": "no/such"}, 5]).encode())
    assert client.result("a") is None
    assert client.result("b") is None
    client.synchronise()
    assert [code(stray) for stray in client.strays] == [INVALID_REQUEST]


def test_an_id_that_is_in_progress_is_refused_and_both_are_answered(client: Connection, gate: Any) -> None:
    client.open("file:///a.py", "x = 1\n")
    first = client.inline("file:///a.py", 1, 0)
    gate.wait_until_asked()
    client.send(id=first, method="tacit/why")
    assert code(client.reply(first)) == INVALID_REQUEST
    gate.open()
    client.wait_for(lambda: len(client.replies[first]) == 2)
    assert "result" in client.replies.pop(first)[1]


@pytest.mark.parametrize("depth", [100, 450, 900, 980, 1100, 50_000])
@pytest.mark.parametrize("method", ["tacit/why", "textDocument/completion", "workspace/executeCommand"])
def test_a_deep_request_is_answered_once(client: Connection, depth: int, method: str) -> None:
    params = "[" * depth + '"\\ud800"' + "]" * depth
    client.body(f'{{"jsonrpc":"2.0","id":"deep","method":"{method}","params":{params}}}'.encode())
    client.synchronise()
    assert len(client.strays) + len(client.replies.get("deep", [])) == 1


@pytest.mark.parametrize(
    "message",
    [
        {"method": "no/such"},
        {"method": "$/no/such", "params": {}},
        {"method": "textDocument/didOpen"},
        {"method": "textDocument/didOpen", "params": None},
        {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": 5}}},
        {
            "method": "textDocument/didOpen",
            "params": {"textDocument": {"uri": "u", "languageId": "", "version": "x", "text": ""}},
        },
        {
            "method": "textDocument/didOpen",
            "params": {"textDocument": {"uri": "u", "languageId": "", "version": 1, "text": 5}},
        },
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "u", "version": 1}, "contentChanges": 5},
        },
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "u", "version": 1}, "contentChanges": [{}]},
        },
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "unknown", "version": 1}, "contentChanges": []},
        },
        {"method": "textDocument/didClose", "params": {"textDocument": {"uri": "unknown"}}},
        {"method": "textDocument/didSave", "params": {"textDocument": {"uri": "unknown"}}},
        {"method": "workspace/didChangeConfiguration"},
        {"method": "workspace/didChangeConfiguration", "params": {"settings": 5}},
        {"method": "workspace/executeCommand"},
        {"method": "workspace/executeCommand", "params": {"command": "no such"}},
        {"method": "window/workDoneProgress/cancel", "params": {"token": "none"}},
        {"method": "$/cancelRequest"},
        {"method": "$/cancelRequest", "params": {"id": 99}},
        {"method": "$/cancelRequest", "params": {"id": [1]}},
        {"method": "initialized", "params": 5},
        {"method": "$/setTrace", "params": {"value": "loud"}},
        {"id": "unknown", "result": 5},
        {"id": 99, "error": {"code": "x"}},
        {"id": None, "error": {}},
        {"result": 5},
        {"method": 5},
        {},
    ],
)
def test_a_bad_notification_or_response_is_survived_in_silence(client: Connection, message: Any) -> None:
    before = len(client.notifications)
    client.send(**message)
    client.synchronise()
    assert not client.strays
    assert not [name for name, _ in client.notifications[before:] if name != "window/showMessage"]
    assert not client.messages()


def test_before_initialize_requests_are_refused_and_notifications_dropped(fresh: Connection) -> None:
    fresh.open("file:///a.py", "x")
    with pytest.raises(RequestFailed) as refused:
        fresh.request("tacit/status")
    assert refused.value.code == NOT_INITIALIZED
    fresh.initialize()
    assert fresh.request("tacit/status")["documents"] == 0


def test_after_shutdown_requests_are_refused(client: Connection) -> None:
    client.request("shutdown")
    with pytest.raises(RequestFailed) as refused:
        client.request("tacit/status")
    assert refused.value.code == INVALID_REQUEST
    client.notify("exit")
    client.hang_up()
    assert client.exit_code == 0


def test_exit_without_shutdown_is_a_failure(client: Connection) -> None:
    client.notify("exit")
    client.hang_up()
    assert client.exit_code == 1


def test_exit_before_initialize_ends_the_server(fresh: Connection) -> None:
    fresh.notify("exit")
    fresh.hang_up()
    assert fresh.exit_code == 1


def test_the_end_of_the_pipe_ends_the_server(client: Connection) -> None:
    client.hang_up()
    assert client.exit_code == 1


def test_initialize_without_params_is_refused_and_can_be_repeated(fresh: Connection) -> None:
    with pytest.raises(RequestFailed) as refused:
        fresh.request("initialize")
    assert refused.value.code == INVALID_PARAMS
    assert fresh.initialize()["serverInfo"]["name"] == "tacit"


@pytest.mark.parametrize(
    "capabilities", [None, 5, [], {"general": 5}, {"textDocument": {"codeAction": {"x": [None]}}}]
)
def test_odd_capabilities_do_not_cost_the_server(fresh: Connection, capabilities: Any) -> None:
    assert fresh.initialize(capabilities=capabilities)["capabilities"]["positionEncoding"] == "utf-16"


def test_a_fault_of_ours_is_an_internal_error_without_a_popup_or_a_trace(
    client: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "password = 'hunter2'"

    def broken(_: Any) -> None:
        raise RuntimeError(secret)

    async def broken_later(_: Any) -> None:
        raise RuntimeError(secret)

    on_raw = client.server.protocol.on_raw
    on_raw("tacit/broken", broken)
    on_raw("tacit/brokenLater", broken_later)
    on_raw("tacit/unspeakable", lambda _: object())
    with caplog.at_level(logging.INFO):
        for method in ("tacit/broken", "tacit/brokenLater", "tacit/unspeakable"):
            client.notify(method)
            with pytest.raises(RequestFailed) as failed:
                client.request(method)
            assert failed.value.code == -32603
            assert secret not in str(failed.value)
    assert not client.messages()
    assert secret not in caplog.text
    assert "test_protocol.py:" in caplog.text


def test_all_that_runs_is_answered_before_the_end(client: Connection, gate: Any) -> None:
    client.open("file:///a.py", "x = 1\n")
    asked = client.inline("file:///a.py", 1, 0)
    gate.wait_until_asked()
    client.request("shutdown")
    assert code(client.reply(asked)) == REQUEST_CANCELLED
    gate.open()
