"""Malformed, half and untimely messages by the thousand: one reply to each request, and the server lives."""

from __future__ import annotations

import collections
import itertools
import json
import random
import time
from pathlib import Path
from typing import Any

from bench.client import Client, server_command, server_environment
from tests.lsp_server import malformed
from tests.support.tiny_folder import tiny_folder

AT_ONCE = 500
PATIENCE_S = 60


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` messages to one server with a model, some with noise between them."""
    chance = random.Random(seed)
    environment = server_environment(TACIT_MODEL=str(tiny_folder(folder / "model")))
    bodies = malformed.messages(seed, amount)
    answered = 0
    with (folder / "stderr").open("w+") as errors:
        with Client(server_command(), env=environment, stderr=errors) as client:
            client.initialize(folder)
            client._next_id = 10**12  # no reply to a message from below is taken for one to the client's own
            while some := list(itertools.islice(bodies, AT_ONCE)):
                owed: collections.Counter[str] = collections.Counter()
                for body in some:
                    if chance.random() < 0.05:
                        _between(client, malformed.noise(chance) + b"\r\n")
                    client.send_raw(body)
                    owed.update(malformed.owed(body))
                client.request("tacit/status", timeout=PATIENCE_S)
                answered += _settled(client, owed)
            assert client.process.poll() is None
            assert client.shutdown() == 0
        errors.seek(0)
        log = errors.read()
    assert "Traceback" not in log
    assert "internal error" not in log
    return {"messages": amount, "replies": answered}


def _between(client: Client, data: bytes) -> None:
    assert client.process.stdin is not None
    client.process.stdin.write(data)


def _settled(client: Client, owed: collections.Counter[str]) -> int:
    """Wait until every request has its reply, and none has two."""
    deadline = time.monotonic() + PATIENCE_S
    while len(client.strays) < owed.total():
        assert time.monotonic() < deadline, f"{owed.total() - len(client.strays)} replies are missing"
        time.sleep(0.01)
    got = collections.Counter(json.dumps(message["id"]) for message in client.strays)
    assert got == owed, {"missing": owed - got, "too many": got - owed}
    client.strays.clear()
    return got.total()
