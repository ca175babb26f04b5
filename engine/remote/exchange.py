"""One question to a server and its answer, on a thread of its own.

So who asks waits for no name server, handshake or silence longer than it wants to: cancelled or late, it
hangs up, which is also how the server learns that nobody listens any more.

    EndpointError      the address is none, the server cannot be reached, refuses, or breaks off
      Late             it has not answered in time
"""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.cancel import CancelToken

SILENCE_S: Final = 60.0  # that a server may take to its first word, or between two
LONGEST: Final = 8 << 20  # bytes of an answer
LONGEST_LINE: Final = 1 << 20  # bytes of an event
LOOK_S: Final = 0.01  # how often somebody who waits looks whether it still wants to
_END: Final = object()


class EndpointError(Exception):
    """The endpoint gave no answer; the message says why, without what was sent.

    `status` is that of its reply, 0 where there was none; `wait_s` for how long it asks to be left alone.
    """

    def __init__(self, message: str, status: int = 0, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.wait_s = wait_s


class Late(EndpointError):
    """There is no more time to wait for it."""


class Exchange:
    """Starts at once. `events` and `hang_up` are one thread's."""

    def __init__(
        self, connection: http.client.HTTPConnection, target: str, body: bytes, headers: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._request = target, body, headers
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._socket: socket.socket | None = None
        self._gone = threading.Event()
        threading.Thread(target=self._run, name="tacit-endpoint", daemon=True).start()

    def events(self, cancel: CancelToken, until: float) -> Iterator[Any]:
        """What is said, as it is said, until the time `until` (of `time.monotonic`).

        Raises Cancelled, Late and EndpointError.
        """
        began = time.monotonic()
        while True:
            cancel.check()
            left = until - time.monotonic()
            if left <= 0:
                raise Late(f"the answer took more than {until - began:.3g} s")
            try:
                said = self._heard.get(timeout=min(LOOK_S, left))
            except queue.Empty:
                continue
            if said is _END:
                return
            if isinstance(said, EndpointError):
                raise said
            yield said

    def hang_up(self) -> None:
        """Nobody listens any more."""
        self._gone.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._converse()
            self._heard.put(_END)
        except EndpointError as error:
            self._heard.put(error)
        except Exception as error:  # whatever it is, nobody must wait for it; its text could hold the key
            self._heard.put(EndpointError(_reason(error)))
        finally:
            self._connection.close()

    def _converse(self) -> None:
        self._connection.connect()
        self._socket = self._connection.sock  # the connection itself lets go of it
        if self._gone.is_set():
            return
        self._socket.settimeout(SILENCE_S)
        target, body, headers = self._request
        self._connection.request("POST", target, body, dict(headers))
        with self._connection.getresponse() as answer:
            if answer.status != 200:
                message = f"it answered {answer.status} {answer.reason}"
                raise EndpointError(message, answer.status, _seconds(answer.headers.get("Retry-After")))
            if "text/event-stream" not in answer.headers.get("Content-Type", ""):
                self._heard.put(_decoded(answer.read(LONGEST_LINE)))  # a server that does not stream
                return
            for event in _events(answer):
                self._heard.put(event)


def _events(answer: http.client.HTTPResponse) -> Iterator[Any]:
    """Each server-sent event. An answer has to say that it has ended, or it is cut off."""
    length = 0
    while line := answer.readline(LONGEST_LINE):
        length += len(line)
        if length > LONGEST:
            raise EndpointError("the answer does not end", 200)
        if not line.endswith(b"\n"):
            break
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        event = _decoded(data)
        if isinstance(event, dict) and event.get("error"):
            raise EndpointError("it failed in the middle of its answer", 200)
        yield event
    raise EndpointError("the answer breaks off", 200)


def foreign() -> EndpointError:
    """What is raised where an answer has another form than its kind."""
    return EndpointError("it does not speak the language of completions", 200)


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise foreign() from None


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isascii() and header.isdigit() and len(header) < 7 else 0.0


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "it said nothing for too long"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    if isinstance(error, OSError) and str(error).startswith("Tunnel connection failed"):
        return "the proxy does not let it through"
    return f"the connection failed ({type(error).__name__})"
