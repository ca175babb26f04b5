"""A server on this machine that misbehaves in the ways in which servers of completions do, on demand."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CERTIFICATES = Path(__file__).parents[1] / "data" / "certificates"
"""`ca.pem`, and `server.pem` that it has signed for the names models.test and localhost."""


def event(text: str) -> bytes:
    """A piece of an answer in a chat."""
    return said({"choices": [{"delta": {"content": text}}]})


def written(text: str, logprob: float | None = -0.05, finish: str | None = None) -> bytes:
    """A token of a completion."""
    told = None if logprob is None else {"tokens": [text], "token_logprobs": [logprob]}
    return said({"choices": [{"text": text, "logprobs": told, "finish_reason": finish}]})


def said(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class ChatServer(ThreadingHTTPServer):
    """Answers every request with `status`, `kind` and `parts`; then hangs if `hangs`, until it is closed.

    `answer`, where there is one, makes the parts from the body; an empty list breaks off at once.
    """

    daemon_threads = True

    def __init__(self, *, secure: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secure = secure
        self.status = 200
        self.kind = "text/event-stream"
        self.parts: list[bytes] = [DONE]
        self.answer: Callable[[Any], list[bytes]] | None = None
        self.hangs = False
        self.meanwhile: Callable[[], object] = lambda: None  # called between the parts and the late ones
        self.late_parts: list[bytes] = []
        self.location = ""
        self.asked: list[tuple[str, str, Any]] = []  # path, Authorization, body
        self.closing = threading.Event()
        self.answering = threading.Event()
        self.left = threading.Event()  # a client has hung up on a server that hangs
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "server.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return (
            f"http{'s' * self.secure}://{'localhost' if self.secure else '127.0.0.1'}:{self.server_port}/v1"
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up whenever they like."""


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
        for part in self.server.answer(body) if self.server.answer else self.server.parts:
            self.wfile.write(part)
        self.wfile.flush()
        self.server.answering.set()
        self.server.meanwhile()
        for part in self.server.late_parts:
            self.wfile.write(part)
        while self.server.hangs and not self.server.closing.wait(0.01):
            if not self.server.secure and self._left():
                self.server.left.set()
                break

    def _left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are silent."""


@contextmanager
def chat_server(*, secure: bool = False) -> Iterator[ChatServer]:
    with ChatServer(secure=secure) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
