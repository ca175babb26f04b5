"""What a check says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bug_finder.tokens import KEYWORD, NAME, NUMBER, STRING, Token


class Suspicion(NamedTuple):
    """The text [start, end) looks wrong; offsets are those of the tokens that the check was given."""

    check: str  # the name by which its share of true findings is known
    kind: str
    start: int
    end: int
    message: str
    replacement: str | None = None


def spell(tokens: Sequence[Token]) -> str:
    """Tokens as people would write them on one line, for a message."""
    text = "".join(
        f" {token.text}" if at and _is_word(token) and _is_word(tokens[at - 1]) else token.text
        for at, token in enumerate(tokens)
    )
    return text if len(text) <= 40 else f"{text[:39]}…"


def _is_word(token: Token) -> bool:
    return token.kind in (NAME, KEYWORD, NUMBER, STRING)
