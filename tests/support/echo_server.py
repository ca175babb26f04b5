"""A server of a few lines to try the client on: as asked it echoes, refuses, asks back, is silent or dies."""

from __future__ import annotations

import json
import sys
from typing import Any


def read() -> Any:
    length = 0
    while (line := sys.stdin.buffer.readline()) not in (b"\r\n", b""):
        length = int(line.partition(b":")[2])
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def write(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


def main() -> None:
    while (message := read()) is not None:
        method, id = message.get("method"), message.get("id")
        if method in ("initialize", "echo", "shutdown"):
            write({"id": id, "result": message.get("params")})
        elif method == "fail":
            write({"id": id, "error": {"code": -32803, "message": "no", "data": 7}})
        elif method == "ask back":
            write({"id": "mine", "method": message["params"], "params": {"items": [1, 2]}})
        elif id == "mine":
            write({"method": "answered", "params": message})
        elif method == "notify":
            write({"method": message["params"], "params": 1})
        elif method == "textDocument/didChange":
            write({"method": "changed", "params": message["params"]})
        elif method == "garbage":
            sys.stdout.buffer.write(b"Content-Length: 3\r\n\r\n{:}")
            sys.stdout.buffer.flush()
        elif method == "die":
            sys.exit(3)
        elif method == "exit":
            sys.exit(0)


if __name__ == "__main__":
    main()
