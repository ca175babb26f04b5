"""Sessions where the machine is in trouble: each is answered as ever, and ends well."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.client import Client, server_command, server_environment
from tests.support.disks import read_only, small_disk
from tests.support.tiny_folder import tiny_folder

PATIENCE_S = 120.0
KEYS = 60
TEXT = "def area(width, height):\n    return width * height\n\n\nprint(area(1, 2))\n"

JUMPING = """
import random, sys, time

real, chance = time.time, random.Random(3)
jumps = [0, 0, 3600, -3600, 86400 * 365 * 20, -86400 * 365 * 20, -1e9]
time.time = lambda: real() + chance.choice(jumps)
from lsp_server.app import main
sys.exit(main(["serve"]))
"""
"""The clock is set anew each time that somebody looks at it. What the system measures time by goes on."""


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` sessions in each kind of trouble."""
    model = tiny_folder(folder / "model")
    troubles: dict[str, Callable[[Path], contextlib.AbstractContextManager[list[str]]]] = {
        "full disk": _full_disk,
        "read-only home": _read_only_home,
        "clock jumps": _clock_jumps,
    }
    slowest: dict[str, float] = {}
    for name, trouble in troubles.items():
        for number in range(amount):
            home = folder / f"{name} {number}"
            (home / "work").mkdir(parents=True)
            (home / "work" / "a.py").write_text(TEXT)
            with trouble(home) as command:
                slowest[name] = max(slowest.get(name, 0.0), _session(command, home, model))
    return {"sessions": 3 * amount, "slowest_ms": {name: round(ms) for name, ms in slowest.items()}}


@contextlib.contextmanager
def _full_disk(home: Path) -> Iterator[list[str]]:
    with small_disk(home / "state", 16), small_disk(home / "cache", 16):
        for name in ("state", "cache"):
            with contextlib.suppress(OSError):
                (home / name / "full").write_bytes(bytes(1 << 20))
        yield server_command()


@contextlib.contextmanager
def _read_only_home(home: Path) -> Iterator[list[str]]:
    for name in ("state", "cache"):
        (home / name).mkdir()
    with read_only(home):
        yield server_command()


@contextlib.contextmanager
def _clock_jumps(home: Path) -> Iterator[list[str]]:
    yield [sys.executable, "-P", "-c", JUMPING]


def _session(command: list[str], home: Path, model: Path) -> float:
    """Type, ask, search, apply, save, look for bugs; milliseconds of the slowest answer to a key."""
    variables = server_environment(
        TACIT_MODEL=str(model),
        TACIT_CACHE_DIR=str(home / "cache"),
        TACIT_STATE_DIR=str(home / "state"),
        HOME=str(home),
    )
    uri = (home / "work" / "a.py").as_uri()
    document = {"textDocument": {"uri": uri}}
    log = home.parent / "stderr"
    with log.open("w+") as errors, Client(command, env=variables, stderr=errors) as client:
        client.initialize(home / "work", timeout=PATIENCE_S)
        client.open(uri, "python", TEXT)
        deadline = time.monotonic() + PATIENCE_S
        while client.request("tacit/status", timeout=PATIENCE_S)["model"]["phase"] != "ready":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        slowest = 0.0
        for number in range(KEYS):
            end = {"line": 5, "character": number}
            client.change(uri, number + 1, [{"range": {"start": end, "end": end}, "text": "x"}])
            place = {"position": {**end, "character": number + 1}, "context": {"triggerKind": 2}}
            pending = client.send("textDocument/inlineCompletion", {**document, **place})
            pending.result(PATIENCE_S)
            slowest = max(slowest, pending.latency_ms)
        assert client.request("tacit/why", timeout=PATIENCE_S)["reason"] != "failed"
        client.notify("textDocument/didSave", document)
        client.request("textDocument/diagnostic", document, PATIENCE_S)
        client.request("workspace/symbol", {"query": "area"}, PATIENCE_S)
        client.request("tacit/status", timeout=PATIENCE_S)
        assert client.shutdown(PATIENCE_S) == 0
        errors.seek(0)
        said = errors.read()
    assert "Traceback" not in said, said[-2000:]
    assert "internal error" not in said, said[-2000:]
    return slowest
