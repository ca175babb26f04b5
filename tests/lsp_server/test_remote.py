"""A model on another machine, as the settings name it: what is sent there, and what its trouble comes to."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server import reports
from lsp_server.cli import doctor
from tests.lsp_server.chat_server import DONE, ChatServer, chat_server, written
from tests.lsp_server.connection import Connection, connected

URI = "file:///w/a.py"
TEXT = "def add(a, b):\n    return "
KEY = "sk-the-key-itself"


@pytest.fixture
def endpoint() -> Iterator[ChatServer]:
    with chat_server() as server:
        server.parts = [written(" a"), written(" +"), written(" b"), written("\n"), DONE]
        yield server


@pytest.fixture
def client() -> Iterator[Connection]:
    with connected() as connection:
        yield connection


def named(server: ChatServer, **more: Any) -> dict[str, Any]:
    return {"remote": {"url": server.url, "model": "qwen-big"}, "budgetMs": 9000, **more}


def ghost_text(client: Connection, uri: str = URI, *, line: int = 1, character: int = 11) -> list[str]:
    answer = client.result(client.inline(uri, line, character))
    return [item["insertText"] for item in answer["items"]]


def told(client: Connection) -> str:
    """The only message."""
    client.wait_for(lambda: bool(client.messages()))
    (message,) = client.messages()
    return message


def test_it_writes_ghost_text(
    client: Connection, endpoint: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_REMOTE_KEY", KEY)
    client.ready(**named(endpoint))
    client.open(URI, TEXT)
    assert ghost_text(client) == ["a + b"]
    path, key, body = endpoint.asked[-1]
    assert (path, key) == ("/v1/completions", f"Bearer {KEY}")
    assert body["prompt"] == "<|fim_prefix|><|fim_suffix|><|fim_middle|>def add(a, b):\n    return"
    model = client.request("tacit/status")["model"]
    assert (model["phase"], model["name"]) == ("ready", "qwen-big")
    assert endpoint.url.split("/")[2] in model["detail"]
    assert client.messages() == []


@pytest.mark.parametrize("remote", [{"url": "http://127.0.0.1:1/v1"}, {"model": "qwen-big"}])
def test_half_a_name_is_none(client: Connection, remote: Any, tmp_path: Path) -> None:
    client.initialize(options={"remote": remote, "model": str(tmp_path / "none.gguf")})
    client.wait_for(lambda: len(client.messages()) == 2)
    half, missing = client.messages()
    assert "`remote.url` and `remote.model`" in half
    assert "none.gguf" in missing


def test_trouble_is_told_once_explained_and_over_by_itself(
    client: Connection, endpoint: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.remote.breaker.REST_S", 0.01)
    endpoint.status = 500
    client.ready(**named(endpoint))
    client.open(URI, TEXT)
    for _ in range(3):
        assert ghost_text(client) == []
        why = client.why()
        assert why["reason"] == "remote"
        assert "500" in why["detail"]
    message = told(client)
    assert "qwen-big" in message
    assert "500" in message
    assert client.request("tacit/status")["model"]["phase"] == "failed"
    endpoint.status = 200
    deadline = time.monotonic() + 20
    while not (shown := ghost_text(client)):
        assert time.monotonic() < deadline
    assert shown == ["a + b"]
    assert client.request("tacit/status")["model"]["phase"] == "ready"
    assert len(client.messages()) == 1


def test_an_address_that_is_none_is_told_at_once(client: Connection) -> None:
    client.initialize(options={"remote": {"url": "models.test", "model": "qwen-big"}})
    message = told(client)
    client.open(URI, TEXT)
    assert ghost_text(client) == []
    assert client.why()["reason"] == "model-failed"
    assert "must look like http" in message
    assert "remote" in message


def test_other_settings_start_anew(client: Connection, endpoint: ChatServer) -> None:
    client.initialize(options={"remote": {"url": "models.test", "model": "qwen-big"}})
    told(client)
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": named(endpoint)}})
    client.wait_for_model()
    client.open(URI, TEXT)
    assert ghost_text(client) == ["a + b"]


def test_a_retry_goes_at_once(client: Connection, endpoint: ChatServer) -> None:
    endpoint.status = 401
    client.ready(**named(endpoint))
    assert "remote.key" in told(client)
    endpoint.status = 200
    client.request("workspace/executeCommand", {"command": "tacit.retryModel", "arguments": []})
    client.wait_for(lambda: client.request("tacit/status")["model"]["phase"] == "ready")


def test_typing_on_hangs_up(client: Connection, endpoint: ChatServer) -> None:
    client.ready(**named(endpoint))
    client.open(URI, TEXT)
    ghost_text(client)  # by now nothing is read ahead
    endpoint.parts, endpoint.hangs = [written(" a")], True
    endpoint.answering.clear()
    end = {"line": 1, "character": 11}
    client.change(URI, 1, {"range": {"start": end, "end": end}, "text": "x"})
    first = client.inline(URI, 1, 12)
    client.wait_for(lambda: endpoint.answering.is_set())
    client.notify("$/cancelRequest", {"id": first})
    assert endpoint.left.wait(20)


# What is sent


def test_nothing_is_sent_while_all_is_off(client: Connection, endpoint: ChatServer) -> None:
    client.ready(**named(endpoint, enabled=False))
    client.open(URI, TEXT)
    assert ghost_text(client) == []
    assert not endpoint.asked


def test_private_files_and_secrets_stay_here(
    client: Connection,
    endpoint: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("TACIT_REMOTE_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    client.ready(**named(endpoint, trace={"prompts": True}))
    secret = "ghp_" + "a1B2c3D4e5" * 4
    client.open("file:///w/.env", f"TOKEN = {secret}\nPASSWORD = ")
    assert ghost_text(client, "file:///w/.env") == []
    client.open(URI, f'client = connect("{secret}")\nother = ')
    ghost_text(client, character=8)
    client.change(
        URI,
        1,
        {
            "range": {"start": {"line": 1, "character": 8}, "end": {"line": 1, "character": 8}},
            "text": f'"{secret}"\nx = ',
        },
    )
    ghost_text(client, line=2, character=4)
    place = {"textDocument": {"uri": URI, "version": 1}, "position": {"line": 2, "character": 4}}
    client.request("textDocument/copilotInlineEdit", place)
    sent = [str(body) for _, _, body in endpoint.asked]
    assert any("connect(" in body for body in sent)
    assert not [body for body in sent if secret in body or "PASSWORD" in body]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for text in (kept.decode("latin-1"), caplog.text, str(client.why()), str(reports.read_all())):
        assert KEY not in text
        assert secret not in text


def test_a_model_named_by_the_environment_goes_first(
    client: Connection, endpoint: ChatServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TACIT_MODEL", str(tmp_path / "none.gguf"))
    client.initialize(options=named(endpoint))
    assert "none.gguf" in told(client)
    assert not endpoint.asked


def test_the_doctor_knows_of_it(client: Connection, endpoint: ChatServer) -> None:
    endpoint.status = 401
    client.ready(**named(endpoint))
    assert "remote.key" in told(client)
    client.wait_for(lambda: any(report.model.phase == "failed" for report in reports.read_all()))
    (found,) = doctor.running(reports.read_all())
    assert found.status == "fail"
    assert "401" in found.finding
    assert "retryModel" in found.remedy
