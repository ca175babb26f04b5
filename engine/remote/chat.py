"""Chat completions: messages go out, one text comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.cancel import CancelToken
from engine.remote.endpoint import TOTAL_S, Endpoint
from engine.remote.exchange import EndpointError, foreign

LONGEST: Final = 400_000  # characters of an answer


def chat(
    endpoint: Endpoint,
    messages: Sequence[Mapping[str, str]],
    *,
    max_tokens: int,
    cancel: CancelToken,
    seconds: float = TOTAL_S,
) -> str:
    """The whole answer; half of one is none. Raises EndpointError, and Cancelled at once. Blocking."""
    body = {"messages": messages, "max_tokens": max_tokens, "temperature": 0, "stream": True}
    text = ""
    with contextlib.closing(
        endpoint.events("chat/completions", body, cancel=cancel, seconds=seconds)
    ) as events:
        for event in events:
            text += _content(event)
            if len(text) > LONGEST:
                raise EndpointError("the answer does not end")
    cancel.check()
    return text


def _content(event: Any) -> str:
    """The text of the first choice; empty where there is none, as in the first event."""
    try:
        choice = (event["choices"] or [{}])[0]
        if choice.get("finish_reason") == "length":
            raise EndpointError("the answer is longer than it may be")
        text = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
    except (TypeError, KeyError, AttributeError, IndexError):
        raise foreign() from None
    return text if isinstance(text, str) else ""
