"""Documents that nobody should have: each is open beside an ordinary one, which is answered as ever."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.client import Client, server_command, server_environment
from tests.support.tiny_folder import tiny_folder

MONSTERS = {
    "200,000 lines": "def f(x):\n    return x + 1\n" * 100_000,
    "10 MB in one line": "x = '" + "abcdefghij" * 1_000_000 + "'\n",
    "1,000,000 blanks": " " * 1_000_000 + "\n",
    "deep nesting": "(" * 50_000 + ")" * 50_000 + "\n",
    "deep blocks": "".join(f"{' ' * depth}if x:\n" for depth in range(500)) + " " * 500 + "pass\n",
    "unicode": "é漢😀👩\u200d💻\u0301\u2028\x0c\x85\ufeff = '\u202e'\r\n" * 3_000,
    "returns only": "\r" * 100_000,
    "zeros": "\0" * 100_000,
    "no text": "",
}

ORDINARY = "def area(width, height):\n    return "
ANSWER_S = 10.0
"""For a request in the monster or beside it. A late answer is no answer, but a server that hangs is worse."""


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """Open each monster, edit it, ask in it and beside it, close it."""
    environment = server_environment(TACIT_MODEL=str(tiny_folder(folder / "model")))
    slowest: dict[str, float] = {}
    with Client(server_command(), env=environment) as client:
        client.initialize(folder)
        client.open("file:///ordinary.py", "python", ORDINARY)
        while client.request("tacit/status")["model"]["phase"] != "ready":
            time.sleep(0.02)
        for name, text in MONSTERS.items():
            uri = "file:///monster.py"
            client.open(uri, "python", text)
            lines = text.count("\n")
            for version, line in enumerate((0, lines // 2, lines), 1):
                start = {"line": line, "character": 0}
                client.change(uri, version, [{"range": {"start": start, "end": start}, "text": "a"}])
                for where, place in (
                    (uri, {**start, "character": 1}),
                    ("file:///ordinary.py", {"line": 1, "character": 11}),
                ):
                    asked = {"textDocument": {"uri": where, "version": version}, "position": place}
                    for method, more in (
                        ("textDocument/inlineCompletion", {"context": {"triggerKind": 1}}),
                        ("textDocument/copilotInlineEdit", {}),
                    ):
                        pending = client.send(method, {**asked, **more})
                        pending.result(30)
                        slowest[name] = max(slowest.get(name, 0.0), pending.latency_ms)
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert client.request("tacit/status")["documents"] == 1
        assert client.shutdown() == 0
    late = {name: ms for name, ms in slowest.items() if ms > ANSWER_S * 1000}
    assert not late, late
    return {"slowest_ms": {name: round(ms) for name, ms in slowest.items()}}
