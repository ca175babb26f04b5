"""Lone surrogates, which JSON can carry (`"\\ud83d"`) and no encoder, tokenizer, parser or file can.

They come from editors that cut a character in two. Each becomes U+FFFD, which is as wide in UTF-16, so that
positions still agree with the editor's.
"""

from __future__ import annotations

import re
from typing import Any

_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")


def may_hold(body: bytes) -> bool:
    """Whether a JSON text may hold surrogates: false positives are pairs, which `clean` leaves alone.

    JSON in UTF-16 or UTF-32, which Python's reader takes as well, is told by the zeros among its first bytes.
    """
    return b"\0" in body[:4] or _ESCAPED.search(body) is not None


def clean(value: Any) -> Any:
    """The same JSON value with U+FFFD for each lone surrogate."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean_text(key): clean(each) for key, each in value.items()}
    return value


def _clean_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
