"""What a definition says about itself: its signature on one line, and its documentation without marks."""

from __future__ import annotations

import re
import textwrap

SIGNATURE = 300  # characters
DOC = 1000

_COMMENT = re.compile(r"#!?\[[^\n]*|#+|/{2,3}!?|/\*+!?|\*+/|^\s*\*+(?!/)", re.MULTILINE)
_DOC_STRING = re.compile(r"""\s*[rRuUbB]{0,2}(\"{3}|'{3}|"|')(.*?)(?<!\\)\1""", re.DOTALL)
_ATTRIBUTE = re.compile(r"^\s*(?:@\w[\w.]*(?:\(.*\))?|#!?\[.*\])\s*$", re.MULTILINE)


def signature_of(head: bytes) -> str:
    """The first SIGNATURE characters of what stands before the body, on one line."""
    text = " ".join(head[: 4 * SIGNATURE].decode("utf-8", "replace").split())
    return text.rstrip(" {:=")[:SIGNATURE]


def doc_of(above: str, body: bytes, language: str) -> str:
    """The doc string at the body's start (Python), else the comment `above`; at most DOC characters."""
    if language == "python":
        found = _DOC_STRING.match(body.decode("utf-8", "ignore"))
        if found:
            first, _, rest = found[2].strip().partition("\n")
            return f"{first}\n{textwrap.dedent(rest)}".strip()[:DOC]
    lines = _COMMENT.sub("", _ATTRIBUTE.sub("", above)).splitlines()
    return "\n".join(line.strip() for line in lines).strip()[:DOC]
