"""A model behind an OpenAI-compatible server: chat completions, streamed, over the standard library alone.

Nothing is sent anywhere else: redirects are not followed, and no proxy is asked. The key comes from the
environment and appears in no message, no log and no report; neither does what is sent or answered.

    EndpointError     the address is none, the server cannot be reached, refuses, or breaks off
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from engine.cancel import CancelToken

CONNECT_S: Final = 10.0
SILENCE_S: Final = 60.0  # that a server may take to its first word, or between two
TOTAL_S: Final = 300.0
LONGEST: Final = 400_000  # characters of an answer
LONGEST_LINE: Final = 1 << 20  # bytes of an event
_POLL_S: Final = 0.05
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "text/event-stream"}


class EndpointError(Exception):
    """The endpoint gave no answer; the message says why, without what was sent."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask: the address up to and with `/v1`, the model's name there, and a key, or none."""

    url: str
    model: str
    key: str = ""

    def __repr__(self) -> str:
        """Without the key."""
        return f"Endpoint({self.url!r}, {self.model!r})"

    def ask(self, messages: Sequence[Mapping[str, str]], *, max_tokens: int, cancel: CancelToken) -> str:
        """The whole answer. Raises EndpointError, and Cancelled within a twentieth of a second. Blocking."""
        connection = self._connection()
        done = threading.Event()
        late = threading.Event()
        try:
            connection.connect()
            watch = (connection.sock, cancel, done, late)  # the connection itself lets go of its socket
            threading.Thread(target=_watch, args=watch, daemon=True).start()
            connection.sock.settimeout(SILENCE_S)
            text = ""
            for piece in self._stream(connection, messages, max_tokens):
                text += piece
                if len(text) > LONGEST:
                    raise EndpointError("the answer does not end")
            cancel.check()
            return text
        except (OSError, http.client.HTTPException, EndpointError) as error:
            cancel.check()
            if late.is_set():
                raise EndpointError(f"the answer took more than {TOTAL_S:.0f} s") from None
            raise (error if isinstance(error, EndpointError) else EndpointError(_reason(error))) from None
        finally:
            done.set()
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme not in ("http", "https") or not host or parts.username or parts.query:
            raise EndpointError("its address must look like http://host:port/v1")
        if self.key and parts.scheme == "http" and host not in _HERE:
            raise EndpointError("its address must begin with https://, for a key is sent along")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(host, port, timeout=CONNECT_S)

    def _stream(
        self, connection: http.client.HTTPConnection, messages: Sequence[Mapping[str, str]], max_tokens: int
    ) -> Iterator[str]:
        body = {
            "model": self.model,
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        }
        headers = {**_HEADERS, **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        path = f"{urlsplit(self.url).path.rstrip('/')}/chat/completions"
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise EndpointError(f"it answered {answer.status} {answer.reason}")
        if "text/event-stream" in answer.headers.get("Content-Type", ""):
            yield from _events(answer)
        else:  # a server that does not stream
            yield _content(_json(answer.read(LONGEST_LINE)), "message")


def _events(answer: http.client.HTTPResponse) -> Iterator[str]:
    """The text of each server-sent event. An answer has to say that it has ended, or it is cut off."""
    while line := answer.readline(LONGEST_LINE):
        if not line.endswith(b"\n"):
            break
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        event = _json(data)
        if isinstance(event, dict) and event.get("error"):
            raise EndpointError("it failed in the middle of its answer")
        yield _content(event, "delta")
    raise EndpointError("the answer breaks off")


def _content(event: Any, part: str) -> str:
    """The text of the first choice; empty where there is none, as in the first event."""
    try:
        choice = (event["choices"] or [{}])[0]
        if choice.get("finish_reason") == "length":
            raise EndpointError("the answer is longer than it may be")
        text = (choice.get(part) or {}).get("content") or ""
    except (TypeError, KeyError, AttributeError, IndexError):
        raise EndpointError("it does not speak the language of chat completions") from None
    return text if isinstance(text, str) else ""


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise EndpointError("it does not speak the language of chat completions") from None


def _watch(sock: socket.socket, cancel: CancelToken, done: threading.Event, late: threading.Event) -> None:
    """Hang up when the request is cancelled or takes too long: nothing else ends a read that waits."""
    until = time.monotonic() + TOTAL_S
    while not done.wait(_POLL_S):
        if time.monotonic() >= until:
            late.set()
        if cancel.cancelled or late.is_set():
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            return


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it said nothing for too long"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return f"the connection failed ({type(error).__name__})"
