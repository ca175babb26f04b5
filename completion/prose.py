"""Doc strings and comments that the model writes before code, where the user has begun none.

Nobody's words can be foreseen, so the model is hardly ever sure of them; of the code behind them it often is.
That code, which was written knowing the words, is shown without them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from engine.model import Generation

_PYTHON: Final = r"""#[^\n]*|[rR]?(?:"{3}(?s:.*?)"{3}|'{3}(?s:.*?)'{3})[ \t]*"""
_OTHERS: Final = r"//[^\n]*|/\*(?s:.*?)\*/[ \t]*"
_BLANK: Final = re.compile(r"\s*")


def prose_before_code(body: str, language: str) -> int:
    """How many characters of `body`, which begins on a blank line or with a line end, are lines of prose.

    The line end that a body begins with counts as one of them; 0 where nothing of it is prose.
    """
    lines = _PYTHON if language == "python" else _OTHERS
    found = re.match(rf"\n?(?:[ \t]*(?:{lines})?\n)+", body)
    return found.end() if found and found[0].strip() else 0


def without_prose(generation: Generation, healed: int, length: int) -> Generation:
    """The generation without the `length` characters behind the healed ones, as if it began after them."""
    text = generation.text
    kept = "\n" if text.startswith("\n", healed) else ""
    rest = text[healed + length :]
    if not kept:  # the cursor's line has its indentation
        blank = _BLANK.match(rest)
        rest = rest[blank.end() :] if blank else rest
    return replace(generation, text=text[:healed] + kept + rest)
