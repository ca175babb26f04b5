"""Thousands of malformed and out-of-order messages: one reply to each request, and the server lives."""

from __future__ import annotations

import collections
import json
import random
import time
from pathlib import Path

import pytest

from bench.client import Client, server_command, server_environment
from tests.lsp_server.connection import OWN_ID, Connection, connected
from tests.lsp_server.malformed import messages, noise, owed
from tests.support.scripted import ScriptedModel


@pytest.mark.parametrize(("seed", "count"), [(1, 1000), pytest.param(2, 5000, marks=pytest.mark.slow)])
def test_a_process_without_a_model(seed: int, count: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    expected: collections.Counter[str] = collections.Counter()
    environment = server_environment(TACIT_MODEL="/no/such/model.gguf")
    with (tmp_path / "stderr").open("w+") as errors:
        with Client(server_command(), env=environment, stderr=errors) as client:
            client._next_id = 10**12  # no reply to a message from below is taken for one to the client's own
            for body in messages(seed, count // 100):  # out of order: before `initialize`
                expected.update(owed(body) if b'"initialize"' not in body else [])
                if b'"initialize"' not in body:
                    client.send_raw(body)
            client.initialize()
            client.next_notification("window/showMessage")
            for body in messages(seed + 1, count):
                if chance.random() < 0.05:
                    _write(client, noise(chance) + b"\r\n")
                client.send_raw(body)
                expected.update(owed(body))
            client.request("tacit/status")
            _wait_for(client, expected)
            shown = client.process.poll()
            assert shown is None
            assert client.shutdown() == 0
            assert _replies(client) == expected
        errors.seek(0)
        log = errors.read()
    assert "Traceback" not in log
    assert "internal error" not in log


@pytest.mark.parametrize(("seed", "count"), [(3, 1000), pytest.param(4, 5000, marks=pytest.mark.slow)])
def test_a_server_with_a_model(seed: int, count: int) -> None:
    with connected(ScriptedModel({"return ": "x\n", "\n": "y = 1\n"})) as client:
        client.ready()
        expected: collections.Counter[str] = collections.Counter()
        for body in messages(seed, count):
            client.body(body)
            expected.update(owed(body))
        client.send(id="last", method="tacit/status")
        expected['"last"'] += 1
        client.wait_for(lambda: _received(client) == expected)
        codes = [
            each["error"]["code"]
            for replies in client.replies.values()
            for each in replies
            if "error" in each
        ]
        assert -32603 not in codes, "an internal error"
        assert not [message for message in client.messages() if "Error" in message or "Traceback" in message]
        client.replies.clear()


def _write(client: Client, data: bytes) -> None:
    assert client.process.stdin is not None
    client.process.stdin.write(data)
    client.process.stdin.flush()


def _wait_for(client: Client, expected: collections.Counter[str]) -> None:
    deadline = time.monotonic() + 60
    while _replies(client) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _replies(client) == expected


def _replies(client: Client) -> collections.Counter[str]:
    """Everything that was not a reply to a request that the client itself counts."""
    return collections.Counter(json.dumps(message["id"]) for message in list(client.strays))


def _received(client: Connection) -> collections.Counter[str]:
    replies = [each for same in list(client.replies.values()) for each in same] + client.strays
    return collections.Counter(
        json.dumps(message["id"]) for message in replies if OWN_ID not in str(message["id"])
    )
