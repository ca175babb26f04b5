"""A working day without the pauses: fifty documents, and in the evening the server is as it was at ten."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, server_command, server_environment
from tests.support.tiny_folder import tiny_folder

DOCUMENTS = 50
SHORT = 5_000  # keys: fewer than this say nothing about a slow leak
GROWTH = 1.05
SLOWER = 1.1
NOISE_MS = 5.0
OPTIONS = {"budgetMs": 20, "cacheMegabytes": 16}
"""The model writes noise, and never has enough; what it remembers is full by ten o'clock."""


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` keys in fifty documents that are opened, saved, closed and opened again."""
    chance = random.Random(seed)
    environment = server_environment(TACIT_MODEL=str(tiny_folder(folder / "model")))
    with Client(server_command(), env=environment) as client:
        client.initialize(folder, options=OPTIONS)
        person = _Person(client, chance)
        while client.request("tacit/status")["model"]["phase"] != "ready":
            time.sleep(0.02)
        person.work(amount // 5)  # everything has been open once, and every cache is full
        server = psutil.Process(client.process.pid)
        before, tenth = _state(server), max(1, amount * 8 // 100)
        first = person.work(tenth)
        person.work(amount * 8 // 10 - 2 * tenth)
        last = person.work(tenth)
        time.sleep(1)
        after = _state(server)
        assert client.shutdown() == 0
    early, late = (_p99(times) for times in (first, last))
    seen = {"keys": amount, "before": before, "after": after, "first_p99_ms": early, "last_p99_ms": late}
    late_starters = 2 if amount >= SHORT else 6  # what is opened on its first use
    assert after["threads"] <= before["threads"] + 1, seen
    assert after["descriptors"] <= before["descriptors"] + late_starters, seen
    if amount >= SHORT:
        assert after["megabytes"] <= before["megabytes"] * GROWTH, seen
        assert late <= early * SLOWER + NOISE_MS, seen
    return seen


def _p99(times: list[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.99)], 1)


def _state(server: psutil.Process) -> dict[str, float]:
    return {
        "megabytes": round(server.memory_info().rss / 1e6, 1),
        "threads": server.num_threads(),
        "descriptors": server.num_fds(),
    }


class _Person:
    """Types in one document for a while, then in another."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self._client = client
        self._chance = chance
        self._versions: dict[str, int] = {}
        self._lines: dict[str, list[str]] = {}

    def work(self, keys: int) -> list[float]:
        """Milliseconds from each key to its answer."""
        times: list[float] = []
        while len(times) < keys:
            number = min(self._chance.randrange(DOCUMENTS) for _ in range(2))  # some more often than others
            uri = f"file:///day/module{number}.py"
            self._visit(uri)
            times += [self._key(uri) for _ in range(self._chance.randrange(5, 40))]
            if self._chance.random() < 0.2:
                self._client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            if self._chance.random() < 0.1:
                self._client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
                del self._versions[uri]
        return times[:keys]

    def _visit(self, uri: str) -> None:
        if uri in self._versions:
            return
        self._lines.setdefault(uri, [f"def function{n}(first, second):" for n in range(40)])
        self._versions[uri] = 0
        self._client.open(uri, "python", "\n".join(self._lines[uri]))

    def _key(self, uri: str) -> float:
        lines = self._lines[uri]
        row = self._chance.randrange(len(lines))
        if len(lines[row]) > 60:  # a line is done: the documents stay as long as they are
            change, lines[row] = (0, len(lines[row]), ""), ""
        else:
            key = self._chance.choice("abcdefgh_ (=")
            change = (len(lines[row]), len(lines[row]), key)
            lines[row] += key
        start, end, text = change
        self._versions[uri] += 1
        ends = [{"line": row, "character": character} for character in (start, end)]
        self._client.change(
            uri, self._versions[uri], [{"range": {"start": ends[0], "end": ends[1]}, "text": text}]
        )
        place = {"line": row, "character": len(lines[row])}
        asked = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 2}}
        pending = self._client.send("textDocument/inlineCompletion", asked)
        pending.result()
        return pending.latency_ms
