"""Reasons: a code that reports can count, and a sentence for people."""

from __future__ import annotations

import enum
from typing import Self


class Coded(enum.Enum):
    """Base of enumerations whose members are written `NAME = "code", "A sentence."`."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> Self:
        """Make the code the member's value."""
        member = object.__new__(cls)
        member._value_ = code
        member.sentence = sentence
        return member
