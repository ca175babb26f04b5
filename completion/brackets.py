"""Counting brackets in code that may be half a line: good enough to steer by, never the last word.

The parser has that (see `verify`); this is for questions asked after every token, or about text that has no
tree yet.
"""

from __future__ import annotations

from typing import Final

OPENERS: Final = "([{"
CLOSERS: Final = ")]}"
_HASH_COMMENTS: Final = frozenset({"python", ""})


def depth(text: str, language: str) -> int:
    """Return how many more brackets `text` opens than it closes, outside its strings and comments."""
    level = 0
    quote = ""
    index = 0
    while index < len(text):
        char = text[index]
        if quote:
            if char == "\\":
                index += 1
            elif char == quote or (char == "\n" and quote != "`"):
                quote = ""
        elif char in "\"'`":
            # Rust's lifetimes and apostrophes in prose open nothing.
            quote = char if char != "'" or _closes(text, index, language) else ""
        elif _is_comment(text, index, language):
            index = text.find("\n", index)
            if index < 0:
                break
        elif char in OPENERS:
            level += 1
        elif char in CLOSERS:
            level -= 1
        index += 1
    return level


def _closes(text: str, index: int, language: str) -> bool:
    if language != "rust":
        return True
    return text[index + 2 : index + 3] == "'" or text[index + 1 : index + 2] == "\\"


def _is_comment(text: str, index: int, language: str) -> bool:
    if language in _HASH_COMMENTS:
        return text[index] == "#"
    return text.startswith("//", index)
