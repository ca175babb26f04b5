"""Downloads one file over HTTP, continuing where an earlier attempt broke off."""

from __future__ import annotations

import http.client
import queue
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.source import SourceFailed, size_of

CONNECT_SECONDS = 5.0  # a source that cannot be reached must not keep the user from the next one
OPEN_SECONDS = 15.0  # name lookup, redirects and headers together
READ_SECONDS = 30.0
ATTEMPTS = 20  # each must gain something
_CHUNK = 1 << 20


def download(url: str, size: int, target: Path, report: Callable[[int], None]) -> None:
    """Append to `target` until it has `size` bytes; `report` is told how many it has.

    Raises SourceFailed when the server cannot give them, OSError when `target` cannot be written.
    """
    for _ in range(ATTEMPTS):
        start = size_of(target)
        if start == size:
            return
        try:
            _continue(url, target, start, size, report)
        except SourceFailed:
            if size_of(target) <= start:
                raise
    raise SourceFailed(f"the connection broke off {ATTEMPTS} times")


def _continue(url: str, target: Path, start: int, size: int, report: Callable[[int], None]) -> None:
    with _open(url, start) as response:
        offset, whole = _stretch(response)
        if whole not in (size, None):
            raise SourceFailed(f"it offers a file of {whole} bytes, not of {size}")
        if offset not in (0, start):
            raise SourceFailed("it sent another part of the file than was asked for")
        # A server without ranges starts anew.
        with target.open("ab" if offset else "wb") as file:
            for chunk in _chunks(response):
                offset += file.write(chunk)
                if offset > size:
                    break
                report(offset)
    if offset > size:
        target.unlink()
        raise SourceFailed(f"it sent more than {size} bytes")
    if offset < size:
        raise SourceFailed(f"the connection broke off after {offset} of {size} bytes")


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read(_CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise SourceFailed(f"the connection broke off: {error}") from error


def _stretch(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """First byte that the response holds, and the size of the whole file where it is told."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        told = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if not told:
            raise SourceFailed("it did not say which part of the file it sent")
        return int(told[1]), None if told[2] == "*" else int(told[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _open(url: str, start: int) -> http.client.HTTPResponse:
    """Send the request; a thread does it, because a name lookup knows no time limit."""
    answer: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()

    def ask() -> None:
        headers = {"User-Agent": "tacit", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            request = urllib.request.Request(url, headers=headers)
            answer.put(_opener.open(request, timeout=CONNECT_SECONDS))
        except (OSError, ValueError, http.client.HTTPException) as error:
            answer.put(error)

    threading.Thread(target=ask, name="tacit-download", daemon=True).start()
    try:
        got = answer.get(timeout=OPEN_SECONDS)
    except queue.Empty:
        raise SourceFailed("it did not answer") from None
    if isinstance(got, Exception):
        raise SourceFailed(_reason(got)) from got
    return got


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"no connection ({getattr(cause, 'strerror', None) or cause})"


class _Https(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(READ_SECONDS)


class _Http(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(READ_SECONDS)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Https, req)


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Http, req)


_opener: Any = urllib.request.build_opener(_HttpsHandler, _HttpHandler)
