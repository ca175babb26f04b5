"""A small language-server client over stdio, through which the demo, the benches and the tests speak.

It knows JSON-RPC 2.0 framing and the few requests that a server may send to its client, and nothing of
pygls, so that a fault of the server's library cannot hide behind the same fault here. Times are
`time.perf_counter()` seconds, taken when a message is handed to the pipe and when its reply has been read.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

REQUEST_CANCELLED = -32800
CONTENT_MODIFIED = -32801
METHOD_NOT_FOUND = -32601

Json = Any
"""Whatever JSON can hold."""


class ClientError(Exception):
    """Base of this module's errors: LspError (the server said no), ServerGone (it ended)."""


class LspError(ClientError):
    """An error reply of the server."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data


class ServerGone(ClientError):
    """The server's output ended while something was still awaited."""


class Pending:
    """A request on its way: its reply, and when it was sent and answered."""

    def __init__(self, id: int, method: str) -> None:
        self.id = id
        self.method = method
        self.sent_at = 0.0
        self.answered_at: float | None = None
        self._future: Future[Json] = Future()

    @property
    def done(self) -> bool:
        """Whether the reply is here."""
        return self._future.done()

    @property
    def latency_ms(self) -> float:
        """Milliseconds from sending to the reply; NaN before that."""
        return float("nan") if self.answered_at is None else (self.answered_at - self.sent_at) * 1000

    def result(self, timeout: float | None = 30) -> Json:
        """The reply's result; raises LspError, ServerGone or TimeoutError (after `timeout` seconds)."""
        return self._future.result(timeout)

    def _finish(self, message: Json) -> None:
        self.answered_at = time.perf_counter()
        error = message.get("error")
        if error is not None:
            self._future.set_exception(LspError(error["code"], error["message"], error.get("data")))
        else:
            self._future.set_result(message.get("result"))

    def _fail(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)


class Client:
    """Starts a server and speaks to it; a context manager that leaves no process behind.

    Messages are written by the caller's thread and read by a thread of the client. Notifications of the
    server wait in a queue (`next_notification`); its requests are answered by `answers`, by method, and
    refused if not there.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stderr: IO[str] | int | None = subprocess.DEVNULL,
    ) -> None:
        self.answers: dict[str, Callable[[Json], Json]] = {
            "client/registerCapability": lambda params: None,
            "client/unregisterCapability": lambda params: None,
            "window/showMessageRequest": lambda params: None,
            "window/workDoneProgress/create": lambda params: None,
            "workspace/applyEdit": lambda params: {"applied": True},
            "workspace/configuration": lambda params: [None] * len(params["items"]),
            "workspace/workspaceFolders": lambda params: None,
        }
        self.on_notification: Callable[[str, Json], None] | None = None
        self.strays: list[Json] = []
        self._notifications: queue.Queue[tuple[str, Json] | None] = queue.Queue()
        self._waiting: dict[int, Pending] = {}
        self._next_id = 0
        # Two locks: a writer that waits for a full pipe must not keep the reader from emptying the other one.
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._gone = ""  # why there are no more replies
        self.process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, cwd=cwd, env=env
        )
        self._reader = threading.Thread(target=self._read_all, name="lsp-client", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Requests and notifications

    def send(self, method: str, params: Json = None) -> Pending:
        """Send a request and return at once."""
        with self._lock:
            self._next_id += 1
            pending = Pending(self._next_id, method)
            if self._gone:
                pending._fail(ServerGone(f"{method}: {self._gone}"))
                return pending
            self._waiting[pending.id] = pending
        pending.sent_at = time.perf_counter()
        self._write({"id": pending.id, "method": method, "params": params})
        return pending

    def request(self, method: str, params: Json = None, timeout: float = 30) -> Json:
        """Send a request and wait for its result; raises LspError, ServerGone or TimeoutError."""
        return self.send(method, params).result(timeout)

    def notify(self, method: str, params: Json = None) -> None:
        """Send a notification."""
        self._write({"method": method, "params": params})

    def cancel(self, pending: Pending) -> None:
        """Ask the server to give a request up; it still answers, usually with an LspError."""
        self.notify("$/cancelRequest", {"id": pending.id})

    def send_raw(self, body: bytes) -> None:
        """Frame and send `body` as it is: for malformed messages."""
        assert self.process.stdin is not None
        with self._write_lock:
            try:
                self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                self.process.stdin.flush()
            except (OSError, ValueError) as error:
                raise ServerGone("the server no longer reads") from error

    def next_notification(self, method: str, timeout: float = 30) -> Json:
        """The params of the next unread notification `method`; others before it are dropped."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                item = self._notifications.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no {method} within {timeout} s") from None
            if item is None:
                self._notifications.put(None)
                raise ServerGone(f"the server ended before {method}")
            if item[0] == method:
                return item[1]

    # A session's life

    def initialize(
        self,
        root: Path | None = None,
        *,
        capabilities: Json = None,
        options: Json = None,
        client_name: str = "tacit-client",
        timeout: float = 30,
    ) -> Json:
        """The initialize handshake; returns the server's InitializeResult."""
        folder = None if root is None else {"uri": root.absolute().as_uri(), "name": root.name}
        result = self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": client_name},
                "rootUri": folder and folder["uri"],
                "workspaceFolders": folder and [folder],
                "capabilities": CAPABILITIES if capabilities is None else capabilities,
                "initializationOptions": options,
            },
            timeout,
        )
        self.notify("initialized", {})
        return result

    def open(self, uri: str, language: str, text: str, version: int = 0) -> None:
        """textDocument/didOpen."""
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, changes: Json) -> None:
        """textDocument/didChange with a list of LSP content changes."""
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def shutdown(self, timeout: float = 10) -> int:
        """shutdown and exit as the protocol wants them; returns the server's exit status."""
        self.request("shutdown", None, timeout)
        self.notify("exit")
        return self.process.wait(timeout)

    def close(self) -> None:
        """End the server, politely if it still listens, and join the reader."""
        if self.process.poll() is None:
            try:
                self.shutdown(timeout=5)
            except (ClientError, OSError, TimeoutError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                # A dead server's pipe fails to flush; nothing is owed to it any more.
                with contextlib.suppress(OSError):
                    pipe.close()

    # Framing

    def _write(self, message: dict[str, Json]) -> None:
        if message.get("params") is None:
            message.pop("params", None)
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False, separators=(",", ":"))
        self.send_raw(body.encode("utf-8", "surrogatepass"))

    def _read_all(self) -> None:
        assert self.process.stdout is not None
        reason = "the server has ended"
        try:
            while (message := _read_message(self.process.stdout)) is not None:
                self._dispatch(message)
        except ServerGone as error:
            reason = str(error)
        with self._lock:
            self._gone = reason
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for pending in waiting:
            pending._fail(ServerGone(f"{pending.method}: {reason}"))
        self._notifications.put(None)

    def _dispatch(self, message: Json) -> None:
        if "method" not in message:
            with self._lock:
                pending = self._waiting.pop(message.get("id"), None)
            if pending is None:
                self.strays.append(message)  # A second reply, or one to a malformed request (id null).
            else:
                pending._finish(message)
        elif "id" in message:
            self._answer(message)
        else:
            params = message.get("params")
            if self.on_notification is not None:
                self.on_notification(message["method"], params)
            self._notifications.put((message["method"], params))

    def _answer(self, message: Json) -> None:
        answer = self.answers.get(message["method"])
        reply: dict[str, Json] = {"id": message["id"]}
        if answer is None:
            reply["error"] = {"code": METHOD_NOT_FOUND, "message": f"no {message['method']} here"}
        else:
            reply["result"] = answer(message.get("params"))
        self._write(reply)


CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False},
        "inlineCompletion": {"dynamicRegistration": False},
        "completion": {"completionItem": {"snippetSupport": False}},
    },
    "window": {"workDoneProgress": True},
    "workspace": {"configuration": False, "workspaceFolders": True},
}
"""The capabilities that `initialize` offers by default: those of a present-day editor with ghost text."""


def server_command(*arguments: str) -> list[str]:
    """The command line of `tacit ARGUMENTS` under this very Python; `serve` where none are given."""
    return [sys.executable, "-P", "-m", "tacit", *(arguments or ("serve",))]


def server_environment(**changes: str) -> dict[str, str]:
    """This process's environment, such that `server_command` finds this very Tacit from any folder."""
    # The launcher's folder holds `tacit/`; in an installed wheel this file lies two levels deeper.
    here = Path(__file__).resolve().parent.parent
    home = here.parent.parent if here.name == "_app" else here
    path = os.pathsep.join(filter(None, [str(home), os.environ.get("PYTHONPATH", "")]))
    # A machine that is busy with measuring is not spared.
    return {"TACIT_BACKGROUND": "always", **os.environ, "PYTHONPATH": path, **changes}


def _read_message(stream: IO[bytes]) -> Json:
    """One framed message, or None at the end of the stream; raises ServerGone for anything else."""
    length = 0
    while True:
        line = stream.readline()
        if not line:
            return None
        if line == b"\r\n":
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    body = stream.read(length)
    try:
        return None if len(body) < length else json.loads(body)
    except ValueError:
        raise ServerGone(f"the server wrote what is not a message: {body[:80]!r}") from None
