"""A server in this process, spoken to through pipes: everything but the process itself is real."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from lsp_server.framing import FramingError, read_frames, write_frame
from lsp_server.server import Server

PATIENCE_S = 20
OWN_ID = "own-"  # how the ids of a Connection's own requests begin
GHOST_TEXT = {"general": {"positionEncodings": ["utf-16"]}, "textDocument": {"inlineCompletion": {}}}


class RequestFailed(Exception):
    """An error reply."""

    def __init__(self, error: Any) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Connection:
    """What a client sees. Replies are kept by id, so that a second one to the same request shows."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.replies: dict[Any, list[Any]] = {}
        self.strays: list[Any] = []  # replies with id null
        self.notifications: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.asked: list[str] = []  # methods of the server's own requests
        self.exit_code: int | None = None
        self._next_id = 0
        self._news = threading.Condition()
        to_server, self._output = os.pipe()
        self._input, from_server = os.pipe()
        self._writer = os.fdopen(self._output, "wb")
        self._stdin, self._stdout = os.fdopen(to_server, "rb"), os.fdopen(from_server, "wb")
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._serving.start()
        self._reading.start()

    # Sending

    def raw(self, data: bytes) -> None:
        """Bytes as they are, without a header."""
        self._writer.write(data)
        self._writer.flush()

    def body(self, body: bytes) -> None:
        """One frame."""
        write_frame(self._writer, body)

    def send(self, **message: Any) -> None:
        """One message, with `jsonrpc` added."""
        self.body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send(method=method, params=params)

    def start(self, method: str, params: Any = None) -> str:
        """Send a request and return its id."""
        self._next_id += 1
        id = f"{OWN_ID}{self._next_id}"
        self.send(id=id, method=method, params=params)
        return id

    # Receiving

    def reply(self, id: Any) -> Any:
        """Wait for the reply to `id`; the whole message."""
        with self._news:
            assert self._news.wait_for(lambda: id in self.replies, PATIENCE_S), f"no reply to {id}"
            return self.replies[id][0]

    def result(self, id: Any) -> Any:
        """Wait for the reply to `id`; its result, or RequestFailed."""
        message = self.reply(id)
        if "error" in message:
            raise RequestFailed(message["error"])
        return message["result"]

    def request(self, method: str, params: Any = None) -> Any:
        return self.result(self.start(method, params))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for something that messages of the server bring about."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.005)

    def messages(self) -> list[str]:
        """What the user was shown."""
        return [
            params["message"] for method, params in list(self.notifications) if method == "window/showMessage"
        ]

    # A session

    def initialize(self, *, capabilities: Any = GHOST_TEXT, options: Any = None, **more: Any) -> Any:
        params = {"processId": None, "capabilities": capabilities, "initializationOptions": options, **more}
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def ready(self, capabilities: Any = GHOST_TEXT, **options: Any) -> None:
        """Initialize and wait for the model."""
        self.initialize(capabilities=capabilities, options=options)
        self.wait_for_model()

    def wait_for_model(self) -> None:
        self.wait_for(lambda: self.server.host.ready is not None)

    def open(self, uri: str, text: str, *, language: str = "python", version: int = 0) -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Any) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def inline(self, uri: str, line: int, character: int, *, automatic: bool = True, **context: Any) -> str:
        """Ask for ghost text; returns the request's id."""
        return self.start(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": {"line": line, "character": character},
                "context": {"triggerKind": 2 if automatic else 1, **context},
            },
        )

    def why(self) -> Any:
        return self.request("tacit/why")

    def synchronise(self) -> None:
        """Wait until everything that was sent has been handled."""
        self.request("tacit/status")

    def close(self) -> None:
        """End the server politely and check that it owes nothing and sent nothing twice."""
        with contextlib.suppress(OSError, ValueError, RequestFailed):
            self.request("shutdown")
            self.notify("exit")
        self.hang_up()
        twice = {id: replies for id, replies in self.replies.items() if len(replies) > 1}
        assert not twice, f"answered more than once: {twice}"

    def hang_up(self) -> None:
        """Close the pipe, as a dying editor does, and wait for the server's end."""
        with contextlib.suppress(OSError):
            self._writer.close()
        self._serving.join(PATIENCE_S)
        assert not self._serving.is_alive(), "the server did not end"
        with contextlib.suppress(OSError):
            self._stdout.close()
        self._reading.join(PATIENCE_S)

    def _serve(self) -> None:
        self.exit_code = self.server.serve(self._stdin, self._stdout)

    def _read(self) -> None:
        with os.fdopen(self._input, "rb") as stream:
            for frame in read_frames(stream):
                assert not isinstance(frame, FramingError)
                self._take(json.loads(frame))

    def _take(self, message: Any) -> None:
        with self._news:
            if "method" not in message:
                if message["id"] is None:
                    self.strays.append(message)
                else:
                    self.replies.setdefault(message["id"], []).append(message)
            elif "id" not in message:
                self.notifications.append((message["method"], message.get("params")))
            self._news.notify_all()
        if "method" in message and "id" in message:
            self.asked.append(message["method"])
            answer = self.answers.get(message["method"])
            if answer is not None:
                self.send(id=message["id"], result=answer(message.get("params")))


@contextlib.contextmanager
def connected(model: Any = None) -> Iterator[Connection]:
    """A connection that is closed, and checked, at the end."""
    connection = Connection(Server(model))
    try:
        yield connection
    finally:
        connection.close()
