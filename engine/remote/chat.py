"""Chat completions: messages go out, one text comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

from engine.cancel import CancelToken
from engine.remote.choices import first_choice, message
from engine.remote.endpoint import TOTAL_S, Endpoint
from engine.remote.exchange import EndpointError

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
            choice = first_choice(event)
            if choice.get("finish_reason") == "length":
                raise EndpointError("the answer is longer than it may be")
            text += message(choice)
            if len(text) > LONGEST:
                raise EndpointError("the answer does not end")
    cancel.check()
    return text
