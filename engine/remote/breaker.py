"""A circuit breaker for a server: in trouble, it is left alone for a while that doubles.

After Nygard, "Release It!". Everything asked meanwhile fails at once.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from typing import Final

from engine.cancel import Cancelled
from engine.errors import RemoteFailed
from engine.remote.exchange import EndpointError, Late

REST_S: Final = 5.0  # that a server in trouble is left alone, at first
LONGEST_REST_S: Final = 300.0

_REMEDIES: Final = {
    401: "Put its key into the environment variable that the setting `remote.key` names.",
    403: "Put its key into the environment variable that the setting `remote.key` names.",
    404: "`remote.url` ends with /v1 as a rule, and `remote.model` is a name that the server knows.",
    429: "It has too much to do, or you have asked for all that you may.",
    503: "It is starting, or has too much to do; it is asked again by and by.",
}
REMEDY: Final = "See the settings `remote.*`; `tacit.retryModel` tries again at once."


class Breaker:
    """For one server. `trouble` is what is wrong with it, "" while nothing is."""

    def __init__(self, server: str, on_news: Callable[[str], None]) -> None:
        """`server`: how it is called in messages. `on_news` is told of trouble, and "" once it is over."""
        self.trouble = ""
        self._server = server
        self._on_news = on_news
        self._rest_s = REST_S
        self._not_before = -math.inf  # seconds of `time.monotonic`

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Around every question. Raises RemoteFailed while the server is left alone, and for EndpointError.

        Late and Cancelled pass: they say nothing about the server.
        """
        if time.monotonic() < self._not_before:
            raise RemoteFailed(self.trouble, REMEDY)
        try:
            yield
        except (Late, Cancelled):
            raise
        except EndpointError as error:
            raise self._opened(error) from None
        self._rest_s = REST_S
        self._note("")

    def _opened(self, error: EndpointError) -> RemoteFailed:
        self._not_before = time.monotonic() + max(self._rest_s, min(error.wait_s, LONGEST_REST_S))
        self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
        remedy = _REMEDIES.get(error.status, REMEDY)
        self._note(f"{self._server}: {error}", remedy)
        return RemoteFailed(self.trouble, remedy)

    def _note(self, trouble: str, remedy: str = "") -> None:
        known, self.trouble = self.trouble, trouble
        if trouble != known:
            self._on_news(trouble and f"{trouble}. {remedy}")
