"""Requests that are taken back at once, again, too late or by wrong names, about versions that never were."""

from __future__ import annotations

import collections
import random
import time
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, LspError, Pending, server_command, server_environment
from tests.support.tiny_folder import tiny_folder
from tests.text.reference import ALPHABET

AT_ONCE = 200
PATIENCE_S = 120.0
ALLOWED = (-32800, -32801, -32802, -32803)
"""Cancelled by the client, changed meanwhile, cancelled by the server, failed with a reason."""
METHODS = (
    *("textDocument/inlineCompletion", "textDocument/copilotInlineEdit", "textDocument/completion"),
    *("textDocument/codeAction", "textDocument/diagnostic", "workspace/symbol", "tacit/search"),
)
ORDINARY = "def area(width, height):\n    return "


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` requests, most of them unwanted; each has one reply, and what is wanted then is answered."""
    chance = random.Random(seed)
    environment = server_environment(TACIT_MODEL=str(tiny_folder(folder / "model")))
    outcomes: collections.Counter[str] = collections.Counter()
    with Client(server_command(), env=environment) as client:
        client.initialize(folder, options={"budgetMs": 40}, timeout=PATIENCE_S)
        while client.request("tacit/status", timeout=PATIENCE_S)["model"]["phase"] != "ready":
            time.sleep(0.02)
        storm = _Storm(client, chance)
        done = 0
        while done < amount:
            asked = [storm.ask() for _ in range(min(AT_ONCE, amount - done))]
            for pending in asked:
                outcomes[_outcome(pending)] += 1
            done += len(asked)
        assert not client.strays, client.strays[:5]
        threads = psutil.Process(client.process.pid).num_threads()
        client.open("file:///ordinary.py", "python", ORDINARY)
        place = {"textDocument": {"uri": "file:///ordinary.py"}, "position": {"line": 1, "character": 11}}
        client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}}, PATIENCE_S)
        last = client.request("tacit/why", timeout=PATIENCE_S)
        assert last["reason"] not in ("cancelled", "superseded", "stale", "desynchronised", "failed"), last
        assert client.shutdown() == 0
    assert threads < 40, f"{threads} threads"
    return {"requests": amount, **outcomes, "threads": threads}


def _outcome(pending: Pending) -> str:
    code = 0
    try:
        pending.result(PATIENCE_S)
    except LspError as error:
        code = error.code
    assert not code or code in ALLOWED, (pending.method, code)
    return "refused" if code else "answered"


class _Storm:
    """A few documents full of odd characters, which change while they are asked about."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self._client, self._chance = client, chance
        self._versions = {f"file:///storm{number}.py": 0 for number in range(4)}
        for uri in self._versions:
            client.open(uri, "python", ORDINARY)

    def ask(self) -> Pending:
        """One request, with what comes before, and what takes it back."""
        uri = self._chance.choice(list(self._versions))
        if self._chance.random() < 0.4:
            self._change(uri)
        version = self._versions[uri] + self._chance.choice([0, 0, 0, -1, -7, 3, 10**6])
        place = {"line": self._chance.randrange(4), "character": self._chance.randrange(20)}
        pending = self._client.send(
            self._chance.choice(METHODS),
            {
                "textDocument": {"uri": uri, "version": version},
                "position": place,
                "range": {"start": place, "end": place},
                "context": {"triggerKind": self._chance.choice([1, 2]), "diagnostics": []},
                "query": "area",
            },
        )
        while self._chance.random() < 0.6:
            self._client.notify("$/cancelRequest", {"id": self._whose(pending)})
        return pending

    def _whose(self, pending: Pending) -> Any:
        """Mostly this one's id; or one that is answered already, or was never sent."""
        return self._chance.choice([pending.id, pending.id, pending.id, max(1, pending.id - 9), -1, "no"])

    def _change(self, uri: str) -> None:
        """Odd text on the second line, which is whole characters in any encoding, or all of it anew."""
        self._versions[uri] += 1
        odd = "".join(self._chance.choice(ALPHABET) for _ in range(self._chance.randrange(8)))
        start = {"line": 1, "character": 4}
        changes: list[Any] = [{"range": {"start": start, "end": start}, "text": odd}]
        if self._chance.random() < 0.1:
            changes = [{"text": ORDINARY}]
        self._client.change(uri, self._versions[uri], changes)
