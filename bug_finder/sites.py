"""Where something may be wrong: the tokens that could be another one, and the gaps where one could be
missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.tokens import KEYWORD, LINE, MEMBER, NAME, NUMBER, OPERATOR, STRING, Token
from bug_finder.vocabulary import ANY_OTHER, Vocabulary

# What a token could be instead: another of its group.
(
    COMPARISON,
    BOOLEAN,
    ARITHMETIC,
    ASSIGNMENT,
    LITERAL,
    FLOW,
    NUMERAL,
    TEXT,
    VARIABLE,
    ATTRIBUTE,
    METHOD,
    CALLED,
    BEFORE,  # gaps: before an operand, where `not` or `await` could be missing
    BEHIND,  # and behind one, where `- 1` or a call could be
) = GROUPS = range(14)

_WORDS: dict[int, tuple[str, ...]] = {
    COMPARISON: ("==", "!=", "===", "!==", "<", ">", "<=", ">=", "is", "in", "not"),
    BOOLEAN: ("and", "or", "&&", "||", "|", "&"),
    ARITHMETIC: ("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "^"),
    ASSIGNMENT: ("=", "+=", "-=", "*=", "/=", "|=", "&=", ":="),
    LITERAL: ("True", "False", "None", "true", "false", "null", "undefined", "nil", "NULL", "nullptr"),
    FLOW: ("break", "continue", "return", "pass", "raise", "throw", "if", "elif", "while", "yield"),
    BEFORE: ("not", "!", "await", "self", "this", "return", "-", "&", "*", "yield"),
    BEHIND: ("-", "+", ".", "(", "and", "or", "&&", "||", "[", "?", "->", "=="),
}
_GROUP_OF = {
    word: group
    for group in (COMPARISON, BOOLEAN, ARITHMETIC, ASSIGNMENT, LITERAL, FLOW)
    for word in _WORDS[group]
}
_OPENS = frozenset(
    [
        "if",
        "elif",
        "while",
        "return",
        "=",
        "(",
        "and",
        "or",
        "&&",
        "||",
        ",",
        "{",
        ";",
        "in",
        "==",
        "[",
        ":",
        "assert",
    ]
)
_CLOSES = frozenset([")", "]", ",", ";", ":", "{", "==", "<", ">", "<=", ">=", "and", "or", "&&", "||", "in"])
_OPERANDS = frozenset([NAME, NUMBER, STRING])

Ints = npt.NDArray[np.int64]


class Sites(NamedTuple):
    """S places in a function: those of tokens first, then the gaps before `tokens`."""

    tokens: Ints  # (S,)
    groups: Ints  # (S,)

    @property
    def gaps(self) -> npt.NDArray[np.bool_]:
        """Which are gaps."""
        return self.groups >= BEFORE


def sites(tokens: Sequence[Token]) -> Sites:
    """All places of a function, in order within both halves."""
    found: list[tuple[int, int]] = []
    gaps: list[tuple[int, int]] = []
    last = Token(LINE, "\n", 0, 0)
    count = len(tokens)
    for at, token in enumerate(tokens):
        kind, text = token.kind, token.text
        if kind == NAME:
            called = at + 1 < count and tokens[at + 1].text == "("
            if last.text in MEMBER:
                found.append((at, METHOD if called else ATTRIBUTE))
            else:
                found.append((at, CALLED if called else VARIABLE))
        elif kind == NUMBER:
            found.append((at, NUMERAL))
        elif kind == STRING:
            found.append((at, TEXT))
        elif kind in (OPERATOR, KEYWORD) and (group := _GROUP_OF.get(text)) is not None:
            found.append((at, group))
        if at and (last.kind == LINE or last.text in _OPENS) and kind not in (LINE, OPERATOR):
            gaps.append((at, BEFORE))
        elif (text in _CLOSES or kind == LINE) and (last.kind in _OPERANDS or last.text in (")", "]")):
            gaps.append((at, BEHIND))
        last = token
    every = np.array(found + gaps, np.int64).reshape(-1, 2)
    return Sites(every[:, 0], every[:, 1])


def class_groups(vocabulary: Vocabulary) -> dict[int, Ints]:
    """For each group the classes of those of its words that the vocabulary has."""
    groups = {
        group: np.array(
            [number for word in words if (number := vocabulary.class_of(word)) is not None], np.int64
        )
        for group, words in _WORDS.items()
    }
    numbers, texts, names = [], [], []
    reserved = {word for words in _WORDS.values() for word in words}
    for number, text in enumerate(vocabulary.classes, ANY_OTHER + 1):
        if text[:1].isdigit():
            numbers.append(number)
        elif text[:1] == '"':
            texts.append(number)
        elif text.isidentifier() and len(text) > 1 and text not in reserved:
            names.append(number)
    for group, found in ((NUMERAL, numbers), (TEXT, texts), (ATTRIBUTE, names), (METHOD, names)):
        groups[group] = np.array(found, np.int64)
    return groups
