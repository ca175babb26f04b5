"""Twenty keys a second, without a pause, while folders are indexed and the workspace is scanned for bugs."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path
from typing import Any

from bench.client import Client, LspError, Pending, server_command, server_environment
from tests.retrieval.workspaces import fill, source
from tests.support.tiny_folder import tiny_folder

PACE_S = 0.05
BUDGET_MS = 300
ALONE = 4
"""Every so manieth key is typed before, with neither index nor scan."""
SHORT = 2_000
"""Keys: fewer than this say nothing of a percentile on a machine that is busy with other tests."""
SLOWER = 1.5
NOISE_MS = 50.0
PATIENCE_S = 120.0


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` keys beside the work, a fourth as many without; each key asks for ghost text."""
    chance = random.Random(seed)
    model = str(tiny_folder(folder / "model"))
    root = folder / "workspace"
    fill(root, chance, 400)
    alone = _typed(amount // ALONE, chance, root, model, work=False)
    beside = _typed(amount, chance, root, model, work=True)
    seen = {"keys": amount, "alone": alone, "beside": beside}
    assert beside["scans"] >= 1, seen
    assert beside["indexed"] >= 200, seen
    if amount >= SHORT:
        assert beside["p99_ms"] <= max(BUDGET_MS, SLOWER * alone["p99_ms"]) + NOISE_MS, seen
    return seen


def _typed(keys: int, chance: random.Random, root: Path, model: str, *, work: bool) -> dict[str, Any]:
    """Figures of one session."""
    options = {"index": {"enabled": work}, "bugs": {"enabled": work}, "budgetMs": BUDGET_MS}
    with Client(server_command(), env=server_environment(TACIT_MODEL=model)) as client:
        client.initialize(root, options=options, timeout=PATIENCE_S)
        while client.request("tacit/status", timeout=PATIENCE_S)["model"]["phase"] != "ready":
            time.sleep(0.02)
        hands, others = _Typist(client, chance, root), _Others(client, chance, root)
        began = time.monotonic()
        for number in range(keys):
            hands.key(number)
            if work:
                others.work(number)
            time.sleep(max(0.0, began + (number + 1) * PACE_S - time.monotonic()))
        took = time.monotonic() - began
        figures = hands.figures() | {"keys_a_second": round(keys / took, 1)}
        if work:
            figures |= others.figures()
        assert client.shutdown() == 0
    return figures


class _Typist:
    """Types in one document and asks at each key, whether or not the last one is answered."""

    def __init__(self, client: Client, chance: random.Random, root: Path) -> None:
        self._client, self._chance = client, chance
        self._uri = (root / "typed.py").as_uri()
        self._lines = [f"def function{n}(first, second):" for n in range(200)]
        self._row = 0
        self._asked: list[Pending] = []
        client.open(self._uri, "python", "\n".join(self._lines))

    def key(self, number: int) -> None:
        """One more character at the end of a line, or the next line."""
        if len(self._lines[self._row]) > 60:
            self._row = (self._row + 1) % len(self._lines)
        end = {"line": self._row, "character": len(self._lines[self._row])}
        key = self._chance.choice("abcdefgh_ (=")
        self._lines[self._row] += key
        self._client.change(self._uri, number + 1, [{"range": {"start": end, "end": end}, "text": key}])
        place = {**end, "character": end["character"] + 1}
        asked = {"textDocument": {"uri": self._uri}, "position": place, "context": {"triggerKind": 2}}
        self._asked.append(self._client.send("textDocument/inlineCompletion", asked))

    def figures(self) -> dict[str, float]:
        """Milliseconds to an answer; every request has one."""
        for pending in self._asked:
            pending.result(PATIENCE_S)
        times = sorted(pending.latency_ms for pending in self._asked)
        return {f"p{p}_ms": round(times[len(times) * p // 100], 1) for p in (50, 99)}


class _Others:
    """What else goes on: files change all the time, and whenever a scan ends the next one begins."""

    def __init__(self, client: Client, chance: random.Random, root: Path) -> None:
        self._client, self._chance, self._root = client, chance, root
        self._scan: Pending | None = None
        self._scans = 0

    def work(self, number: int) -> None:
        """A file every other key, as if a branch were switched for ever."""
        path = self._root / "d1" / f"changing{number % 100}.py"
        if number % 2 == 0:
            path.write_text(source(self._chance))
            changes = [{"uri": path.as_uri(), "type": 2}]
            self._client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        if number == 0:
            self._client.send("workspace/symbol", {"query": "function"})  # wakes the index
        if self._scan is None or self._scan.done:
            self._settle()
            self._scan = self._client.send("workspace/executeCommand", {"command": "tacit.findBugs"})

    def figures(self) -> dict[str, int]:
        """What was really done beside the typing."""
        files = self._client.request("tacit/status", timeout=PATIENCE_S)["index"]["files"]
        deadline = time.monotonic() + PATIENCE_S
        while files < 400 and time.monotonic() < deadline:
            time.sleep(0.1)
            files = self._client.request("tacit/status", timeout=PATIENCE_S)["index"]["files"]
        self._settle()
        return {"indexed": files, "scans": self._scans}

    def _settle(self) -> None:
        if self._scan is not None:
            with contextlib.suppress(LspError):  # another scan is under way
                self._scans += self._scan.result(PATIENCE_S)["files"] > 0
            self._scan = None
