"""A workspace of a gigabyte, as they are: a little code, and much that nobody wrote by hand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, server_command, server_environment
from tests.retrieval.workspaces import source
from tests.support.tiny_folder import tiny_folder

CODE = 0.03
"""Of the bytes; the rest is data, builds, logs and dependencies."""
FILE = 200_000
"""Bytes of a file that is none of code."""
INDEX_MB = 600
SERVER_MB = 400
PATIENCE_S = 1800.0


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """A workspace of `amount` megabytes: it is indexed, and what is open in it is answered meanwhile."""
    root, files = folder / "workspace", 0
    files = _fill(root, random.Random(seed), amount * 1_000_000)
    (root / "wanted.py").write_text("def find_me_in_all_this(a):\n    return a\n")
    model = str(tiny_folder(folder / "model"))
    most, asked, late = 0.0, 0, 0
    with Client(server_command(), env=server_environment(TACIT_MODEL=model)) as client:
        client.initialize(root, timeout=PATIENCE_S)
        uri = (root / "wanted.py").as_uri()
        client.open(uri, "python", "def find_me_in_all_this(a):\n    return ")
        place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 11}}
        server, began = psutil.Process(client.process.pid), time.monotonic()
        client.send("workspace/symbol", {"query": "find"})  # wakes the index
        while (index := client.request("tacit/status")["index"])["phase"] != "ready":
            assert index["phase"] not in ("failed", "refused"), index
            assert time.monotonic() - began < PATIENCE_S, index
            pending = client.send("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
            pending.result(PATIENCE_S)
            asked, late = asked + 1, late + (pending.latency_ms > 1000)
            most = max([most, *(_megabytes(each) for each in server.children())])
            time.sleep(0.05)
        took = time.monotonic() - began
        found = client.request("workspace/symbol", {"query": "find_me_in_all_this"}, PATIENCE_S)
        own = _megabytes(server)
        assert client.shutdown() == 0
    seen = {"megabytes": amount, "files": files, "indexed": index["files"], "seconds_to_index": round(took)}
    seen |= {"index_mb": round(most), "server_mb": round(own), "asked": asked, "later_than_1_s": late}
    assert [each["name"] for each in found][:1] == ["find_me_in_all_this"], seen
    assert most <= INDEX_MB, seen
    assert own <= SERVER_MB, seen
    return seen


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _fill(root: Path, chance: random.Random, size: int) -> int:
    """Files of `size` bytes together; how many."""
    noise = chance.randbytes(FILE)
    line = '{"id": %d, "name": "generated", "values": [1, 2, 3]},'
    made: dict[str, Callable[[int], bytes]] = {
        "data/{0}.json": lambda n: ("[" + (line % n) * (FILE // 55) + "0]").encode(),
        "assets/{0}.bin": lambda n: noise,
        "logs/{0}.log": lambda n: b"2026-01-01 00:00:00 INFO nothing happened\n" * (FILE // 42),
        "dist/{0}.min.js": lambda n: b"var a=function(b){return b+%d};" % n * (FILE // 32),
        "node_modules/package{0}/index.js": lambda n: b"module.exports = %d;\n" % n * (FILE // 22),
    }
    (root / "src").mkdir(parents=True)
    (root / ".gitignore").write_text("node_modules/\n")
    count = written = 0
    while written < size * CODE:
        text = "".join(source(chance) for _ in range(20))
        (root / "src" / f"module{count}.py").write_text(text)
        written, count = written + len(text), count + 1
    while written < size:
        name, content = list(made.items())[count % len(made)]
        path = root / name.format(count)
        path.parent.mkdir(parents=True, exist_ok=True)
        written += path.write_bytes(content(count))
        count += 1
    return count
