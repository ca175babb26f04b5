"""Servers killed at random instants: the next one serves at once, and what was written is whole."""

from __future__ import annotations

import contextlib
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, ClientError, server_command, server_environment
from tests.support.tiny_folder import tiny_folder

BACK_S = 4.0
"""From the start of a process to its first answer, with a small model; a busy machine may take its time."""

GONE_S = 10.0
"""How long a dead server's own processes may live on."""


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` kills in one workspace; every other time a second editor uses the first one's model."""
    chance = random.Random(seed)
    model = tiny_folder(folder / "model")
    root = folder / "workspace"
    root.mkdir()
    for number in range(30):
        (root / f"module{number}.py").write_text(
            f"def function{number}(a, b):\n    return a + b * {number}\n"
        )
    back: list[float] = []
    for number in range(amount):
        with contextlib.ExitStack() as editors:
            began = time.monotonic()
            first = editors.enter_context(_editor(root, model))
            _served(first, root, chance)
            back.append(time.monotonic() - began)
            second = editors.enter_context(_editor(root, model)) if number % 2 else None
            time.sleep(chance.random() * chance.choice([0.05, 0.5]))
            with contextlib.suppress(ClientError):
                _work(first, root, chance)
            _kill(first)
            if second is not None:
                _served(second, root, chance)  # the model is its own now, or it will be soon
    late = [each for each in back if each > BACK_S]
    assert len(late) <= amount * 0.01, f"back after {sorted(late)} s"
    for path in (folder / "state").rglob("*.json"):
        json.loads(path.read_bytes())
    return {
        "kills": amount,
        "back_s_p50": round(statistics.median(back), 2),
        "back_s_max": round(max(back), 2),
    }


@contextlib.contextmanager
def _editor(root: Path, model: Path) -> Any:
    with Client(server_command(), env=server_environment(TACIT_MODEL=str(model))) as client:
        client.initialize(root)
        yield client


def _served(client: Client, root: Path, chance: random.Random) -> None:
    """Open a file and ask until the model has been asked."""
    path = root / f"module{chance.randrange(30)}.py"
    uri = path.as_uri()
    client.open(uri, "python", path.read_text())
    deadline = time.monotonic() + 30
    while True:
        place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 11}}
        client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        if client.request("tacit/status")["model"]["phase"] == "ready":
            break
        assert time.monotonic() < deadline, client.request("tacit/status")["model"]
        time.sleep(0.01)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


def _work(client: Client, root: Path, chance: random.Random) -> None:
    """Things that are written to disk."""
    for number in range(chance.randrange(6)):
        path = root / f"module{chance.randrange(30)}.py"
        path.write_text(path.read_text() + f"\n\ndef more{chance.randrange(10**6)}():\n    return {number}\n")
        client.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})


def _kill(client: Client) -> None:
    process = psutil.Process(client.process.pid)
    own = process.children(recursive=True)
    process.kill()
    _, left = psutil.wait_procs(own, timeout=GONE_S)
    assert not left, f"processes are left behind: {left}"
