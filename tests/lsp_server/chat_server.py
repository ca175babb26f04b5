"""A server on this machine that misbehaves in the ways in which chat completions do, on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class ChatServer(ThreadingHTTPServer):
    """Answers every request with `status`, `kind` and `parts`; then hangs if `hangs`, until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.kind = "text/event-stream"
        self.parts: list[bytes] = [DONE]
        self.hangs = False
        self.meanwhile: Callable[[], object] = lambda: None  # called between the parts and the late ones
        self.late_parts: list[bytes] = []
        self.location = ""
        self.asked: list[tuple[str, str, Any]] = []  # path, Authorization, body
        self.closing = threading.Event()
        self.answering = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization", ""), body))
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        for part in self.server.parts:
            self.wfile.write(part)
        self.wfile.flush()
        self.server.answering.set()
        self.server.meanwhile()
        for part in self.server.late_parts:
            self.wfile.write(part)
        if self.server.hangs:
            self.server.closing.wait()

    def log_message(self, format: str, *args: object) -> None:
        """Tests are silent."""


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
