"""What a text layer must do, written as plainly as possible and without any regard to speed."""

from __future__ import annotations

import re

from text.positions import Encoding

ALPHABET = [
    *"ab x\t\r\n\n\f\x0b\x1c\x85\u2028\u0301\ufeff",
    "\r\n",
    "é",
    "ß",
    "漢",
    "😀",
    "👩\u200d💻",
    "\U00010348",
    "\ud83d",
    "\ude00",
]


def lines_of(text: str) -> list[str]:
    """Lines with their endings; the last has none."""
    parts = re.split(r"(\r\n|\r|\n)", text)
    return ["".join(pair) for pair in zip(parts[::2], [*parts[1::2], ""], strict=True)]


def width_of(char: str, encoding: Encoding) -> int:
    """Units of one character."""
    code = ord(char)
    if encoding is Encoding.UTF8:
        return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
    return 1 + (code > 0xFFFF) if encoding is Encoding.UTF16 else 1


def offset_of(text: str, line: int, units: int, encoding: Encoding) -> int:
    """Code points before an LSP position, clamped."""
    lines = lines_of(text)
    if line >= len(lines):
        return len(text)
    column = 0
    for char in lines[line].rstrip("\r\n"):
        units -= width_of(char, encoding)
        if units < 0:
            break
        column += 1
    return sum(map(len, lines[:line])) + column


def position_of(text: str, offset: int, encoding: Encoding) -> tuple[int, int]:
    """The LSP position of an offset; inside \\r\\n that of the \\r."""
    lines = lines_of(text)
    line = 0
    while line < len(lines) - 1 and offset >= len(lines[line]):
        offset -= len(lines[line])
        line += 1
    return line, sum(width_of(char, encoding) for char in lines[line].rstrip("\r\n")[:offset])
