"""Careless hands: what happens to the blanks and the blank lines of a sketch."""

from __future__ import annotations

import re
from collections.abc import Callable


def dedented(text: str) -> str:
    """The text without the indentation that all of its lines have."""
    lines = text.split("\n")
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[depth:] if line.strip() else line for line in lines)


def _deeper(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _narrow(text: str) -> str:
    def halve(line: str) -> str:
        blanks = len(line) - len(line.lstrip(" "))
        return line if line.startswith("\t") else " " * (blanks // 2) + line[blanks:]

    return "".join(map(halve, text.splitlines(keepends=True)))


def _trailing(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line + " " * (index % 3) if line else line for index, line in enumerate(lines))


def _without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def _more_blank_lines(text: str) -> str:
    return "\n".join(f"{line}\n" if index % 7 == 3 else line for index, line in enumerate(text.split("\n")))


def _tabs(text: str) -> str:
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE)


def _blanks_for_tabs(text: str) -> str:
    return re.sub(r"^\t+", lambda found: "    " * len(found[0]), text, flags=re.MULTILINE)


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


MANGLES: tuple[Callable[[str], str], ...] = (
    dedented,
    _deeper,
    _narrow,
    _trailing,
    _without_blank_lines,
    _tabs,
    _blanks_for_tabs,
    _windows,
)
