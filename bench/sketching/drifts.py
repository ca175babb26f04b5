"""Lines that are not copied as they are: what happens to one line of a sketch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_DIRECTIVE = r"\s*(?:define|undef|include|if|ifdef|ifndef|elif|else|endif|pragma|error|warning)\b"


def _other_quotes(line: str, rng: random.Random) -> str | None:
    if "'" in line and '"' not in line:
        return line.replace("'", '"')
    return line.replace('"', "'") if '"' in line and "'" not in line else None


def _other_blanks(line: str, rng: random.Random) -> str | None:
    for one, other in ((", ", ","), (" = ", "="), ("(", "( "), (" + ", "+")):
        if one in line.strip():
            return line.replace(one, other)
    return None


def _without_comment(line: str, rng: random.Random) -> str | None:
    found = re.match(r"(.*\S)\s+(?:#|//)\s.*$", line)
    return found[1] if found else None


def _reworded(line: str, rng: random.Random) -> str | None:
    found = re.match(rf"(\s*(?:#(?!{_DIRECTIVE})|//)\s+)(\w.*\s\w.*)$", line)
    return found[1] + found[2].rsplit(" ", 1)[0] if found else None


def _elided(line: str, rng: random.Random) -> str | None:
    found = re.match(r"(.*\w\()[^()]{6,}(\).*)$", line)
    return f"{found[1]}...{found[2]}" if found else None


DRIFTS: tuple[Callable[[str, random.Random], str | None], ...] = (
    _other_quotes,
    _other_blanks,
    _without_comment,
    _reworded,
    _elided,
)
