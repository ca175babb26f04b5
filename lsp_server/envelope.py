"""The outside of messages: JSON, ids, methods and error codes, by JSON-RPC 2.0. Pure."""

from __future__ import annotations

import enum
import json
import math
from typing import Any

from lsp_server import surrogates


class Code(enum.IntEnum):
    """The error codes of JSON-RPC and LSP that are sent from here."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603
    NOT_INITIALIZED = -32002
    REQUEST_CANCELLED = -32800
    CONTENT_MODIFIED = -32801
    REQUEST_FAILED = -32803


def messages(frame: bytes) -> list[Any]:
    """What a frame holds. Raises ValueError or RecursionError where it is no JSON.

    LSP knows no batches; taking one apart answers each request in it, which is all that can be wanted.
    """
    read = json.loads(frame, parse_constant=_no_constant)
    messages = read if isinstance(read, list) and read else [read]
    if surrogates.may_hold(frame):
        for message in messages:
            if isinstance(message, dict) and "params" in message:
                message["params"] = surrogates.clean(message["params"])
    return messages


def envelope_error(message: dict[str, Any]) -> str:
    """What is wrong with a message's outer members; empty where nothing is."""
    if message.get("jsonrpc") != "2.0":
        return '`jsonrpc` must be "2.0"'
    if not isinstance(message.get("method"), str):
        return "`method` must be a string"
    if "id" in message and not is_id(message["id"]):
        return "`id` must be a string or a number"
    return ""


def is_id(id: Any) -> bool:
    """Whether this can be the id of a request. JSON-RPC allows fractions, and some clients send them."""
    if isinstance(id, float):
        return math.isfinite(id)
    return isinstance(id, str | int) and not isinstance(id, bool)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
