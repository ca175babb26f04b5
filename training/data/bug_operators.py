"""Ways to make a statement wrong as people do, on text alone and so in every language.

An operator proposes replacements of short pieces. What they mean is left to chance: a piece in a comment or a
string is for the caller to leave out, and whether the result still parses is for the caller to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from text.matching import common_prefix, common_suffix
from training.data.names import is_name, occurrences

_MOST_NAMES = 6  # that stand in for one name


class Slip(NamedTuple):
    """The text [start, end) becomes `new`."""

    kind: str
    start: int
    end: int
    new: str

    def made(self, text: str) -> str:
        """The text with it."""
        return text[: self.start] + self.new + text[self.end :]


_Replacements = Callable[[re.Match[str]], tuple[str, ...]]


def _one_of(table: dict[str, str]) -> _Replacements:
    """Replaces the first group as a table says; alternatives are separated by blanks."""
    return lambda match: tuple(table[match[1]].split(" ")) if match[1] in table else ()


def _next_numbers(match: re.Match[str]) -> tuple[str, ...]:
    number = int(match[1])
    return tuple(str(near) for near in (number - 1, number + 1) if near >= 0)


def _nothing(match: re.Match[str]) -> tuple[str, ...]:
    return ("",)


def _swapped(match: re.Match[str]) -> tuple[str, ...]:
    first, between, second = match[2], match[3], match[4]
    return (f"{second}{between}{first}",) if first != second else ()


# kind, where (the first group is replaced), by what
_PATTERNS: tuple[tuple[str, re.Pattern[str], _Replacements], ...] = (
    (
        "wrong_comparison",
        re.compile(r" ([<>]=?|[!=]==?) "),
        _one_of(
            {
                **{"<": "<= >", "<=": "< >=", ">": ">= <", ">=": "> <=", "==": "!=", "!=": "=="},
                **{"===": "!==", "!==": "==="},
            }
        ),
    ),
    (
        "wrong_boolean_op",
        re.compile(r" (and|or|&&|\|\|) "),
        _one_of({"and": "or", "or": "and", "&&": "||", "||": "&&"}),
    ),
    (
        "wrong_operator",
        re.compile(r"[\w)\]] ([-+*/]) [\w(]"),
        _one_of({"+": "-", "-": "+", "*": "/", "/": "*"}),
    ),
    (
        "wrong_assignment_op",
        re.compile(r" ([-+]?=) (?=[\w(])"),
        _one_of({"+=": "= -=", "-=": "= +=", "=": "+="}),
    ),
    ("off_by_one", re.compile(r"[\[(:=<>,+-] ?(\d{1,3})(?=[\])\s:,;])"), _next_numbers),
    ("off_by_one", re.compile(r"[\w)\]]( [-+] 1)(?=[\])\s:,;])"), _nothing),
    ("missing_not", re.compile(r"\b(not )(?=[\w(])"), _nothing),
    ("missing_not", re.compile(r"(?<![\w)\]])(!)(?=[\w(])"), _nothing),
    ("missing_not", re.compile(r"\bis( not)\b"), _nothing),
    ("missing_await", re.compile(r"(\bawait |\.await\b)"), _nothing),
    ("missing_self", re.compile(r"\b((?:self|this)\.)(?=\w+\()"), _nothing),
    (
        "wrong_literal_bool",
        re.compile(r"\b(True|False|true|false)\b"),
        _one_of({"True": "False", "False": "True", "true": "false", "false": "true"}),
    ),
    ("argument_swap", re.compile(r"\w\((([\w.]+)(, )([\w.]+))(?=[,)])"), _swapped),
    ("operand_swap", re.compile(r"(?<![\w.])(([\w.]+)( (?:-|/|<|>|<=|>=) )([\w.]+))(?![\w.(\[])"), _swapped),
)

_VARIABLE = re.compile(r"(?<![\w.\"'@#$])([a-z_]\w*)\b(?!\s*[(:=\"'])")
_ATTRIBUTE = re.compile(r"(?<=[\w)\]]\.)([a-z_]\w*)\b(?!\s*\()")
_METHOD = re.compile(r"(?<=[\w)\]]\.)([a-z_]\w*)(?=\()")
_NAMES = (("variable_misuse", _VARIABLE), ("wrong_attribute", _ATTRIBUTE), ("wrong_method", _METHOD))

KINDS = tuple(sorted({each[0] for each in _PATTERNS} | {each[0] for each in _NAMES}))


def slips(text: str) -> Iterator[Slip]:
    """Every slip that an operator knows in `text`, in order of the operators."""
    for kind, pattern, replacements in _PATTERNS:
        for match in pattern.finditer(text):
            for new in replacements(match):
                yield Slip(kind, *match.span(1), new)
    for kind, pattern in _NAMES:
        yield from _other_names(kind, pattern, text)


def _other_names(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Slip]:
    """One name for another of the same sort that stands in the text, the nearest spelling first."""
    found = [match for match in pattern.finditer(text) if is_name(match[1])]
    if pattern is _VARIABLE:  # a local one is bound and used; what stands there once is a type or a global
        found = [match for match in found if len(list(islice(occurrences(match[1], text), 2))) > 1]
    names = sorted({match[1] for match in found})
    for match in found:
        others = sorted(
            (name for name in names if name != match[1]), key=lambda name: _unlikeness(name, match[1])
        )
        for other in islice(others, _MOST_NAMES):
            yield Slip(kind, *match.span(1), other)


def _unlikeness(one: str, other: str) -> tuple[int, str]:
    """Fewer common letters at both ends, and more of a difference in length, are less like."""
    common = common_prefix(one, other) + common_suffix(one, other)
    return abs(len(one) - len(other)) - 2 * common, one
