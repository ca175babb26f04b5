"""A server that speaks OpenAI's protocol: where it is, how it is reached, and what may be sent there.

Nothing is sent anywhere else: redirects are not followed, and no proxy is asked but the one that is named.
The key appears in no message, no log and no report; neither does what is sent or answered.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import ssl
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from engine.cancel import CancelToken
from engine.remote.exchange import EndpointError, Exchange

CONNECT_S: Final = 10.0
TOTAL_S: Final = 300.0
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_PROXY: Final = "http://host:port"
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask: the address up to and with `/v1`, the model's name there, and a key, or none.

    `ca` is a file of certificates that are trusted instead of the system's, `proxy` an address such as
    `http://proxy:3128`, for all but this machine.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    ca: str = ""
    proxy: str = ""

    @property
    def host(self) -> str:
        """For messages: the address without its path."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def check(self) -> None:
        """Raises EndpointError where nothing can be sent there, whatever the server does."""
        self._connection(CONNECT_S)

    def events(
        self, path: str, body: Mapping[str, Any], *, cancel: CancelToken, seconds: float = TOTAL_S
    ) -> Generator[Any, None, None]:
        """What the server says to `body` at `path`: each event, or the one object where it does not stream.

        Closing the iterator hangs up. Raises Cancelled, Late after so many seconds, and EndpointError; none
        of them waits for the server.
        """
        until = time.monotonic() + seconds
        connection, prefix = self._connection(min(CONNECT_S, max(seconds, 0.01)))
        headers = {**_HEADERS, **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        target = f"{prefix}{urlsplit(self.url).path.rstrip('/')}/{path}"
        exchange = Exchange(connection, target, json.dumps({"model": self.model, **body}).encode(), headers)
        try:
            yield from exchange.events(cancel, until)
        finally:
            exchange.hang_up()

    def _connection(self, timeout: float) -> tuple[http.client.HTTPConnection, str]:
        """A connection to be opened, and what goes before a path on it."""
        parts = _address(self.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        here = host in _HERE
        if not here and os.environ.get("TACIT_OFFLINE", "") not in ("", "0"):
            raise EndpointError("TACIT_OFFLINE forbids to ask another machine")
        if self.key and not (secure or here):
            raise EndpointError("its address must begin with https://, for a key is sent along")
        if not (self.key.isascii() and self.key.isprintable()):
            raise EndpointError("its key holds characters that no key has")
        via = parts if here or not self.proxy else _address(self.proxy, "its proxy's address", _PROXY)
        if via is not parts and via.scheme != "http":
            raise EndpointError(f"its proxy's address must look like {_PROXY}")
        if not secure:
            connection = http.client.HTTPConnection(via.hostname or "", via.port, timeout=timeout)
            return connection, "" if via is parts else f"http://{parts.netloc}"
        connection = http.client.HTTPSConnection(
            via.hostname or "", via.port, timeout=timeout, context=_trust(self.ca)
        )
        if via is not parts:
            connection.set_tunnel(host, parts.port or 443)
        return connection, ""


def _address(url: str, what: str = "its address", form: str = "http://host:port/v1") -> SplitResult:
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        plain = url.isascii() and url.isprintable() and not (parts.query or parts.fragment)
        named = parts.hostname and parts.port != 0 and parts.username is None
        if parts.scheme in ("http", "https") and named and plain:
            return parts
    raise EndpointError(f"{what} must look like {form}")


@lru_cache(maxsize=4)
def _trust(ca: str) -> ssl.SSLContext:
    """Reading the system's certificates takes longer than a word of the answer."""
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise EndpointError(f"the certificates in {ca} cannot be read ({type(error).__name__})") from None
