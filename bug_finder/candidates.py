"""What a place that is probably wrong is called, what could be meant there, and how to say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bug_finder.sites import (
    ARITHMETIC,
    ASSIGNMENT,
    ATTRIBUTE,
    BEFORE,
    BEHIND,
    BOOLEAN,
    CALLED,
    COMPARISON,
    FLOW,
    LITERAL,
    METHOD,
    NUMERAL,
    TEXT,
    VARIABLE,
)
from bug_finder.tokens import STRING, Token

_KINDS = {
    COMPARISON: "wrong_comparison",
    BOOLEAN: "wrong_boolean_op",
    ARITHMETIC: "wrong_operator",
    ASSIGNMENT: "wrong_assignment_op",
    LITERAL: "wrong_literal_bool",
    FLOW: "wrong_keyword",
    NUMERAL: "off_by_one",
    TEXT: "wrong_string",
    VARIABLE: "variable_misuse",
    ATTRIBUTE: "wrong_attribute",
    METHOD: "wrong_method",
    CALLED: "wrong_function",
}
_MISSING = {
    "not": "missing_not",
    "!": "missing_not",
    "await": "missing_await",
    "self": "missing_self",
    "this": "missing_self",
    "return": "missing_return",
    "-": "off_by_one",
    "+": "off_by_one",
    ".": "missing_call",
    "(": "missing_call",
    "and": "missing_condition",
    "or": "missing_condition",
    "&&": "missing_condition",
    "||": "missing_condition",
}
_UNARY = frozenset(["not", "await", "return", "yield"])
_OWNERS = frozenset(["self", "this"])


class Candidate(NamedTuple):
    """Text [start, end) of the function and what to say about it."""

    kind: str
    start: int
    end: int
    message: str
    replacement: str | None


def candidate(tokens: Sequence[Token], at: int, group: int, best: str, likelier: bool) -> Candidate:
    """What to say of the place `at`, where `best` is the likeliest other token, "" for none.

    `likelier` says whether that is more likely than what stands there: only then it is proposed.
    """
    token = tokens[at]
    if group == BEFORE:
        return _missing_before(token, best, likelier)
    if group == BEHIND:
        last = tokens[at - 1]
        kind = _MISSING.get(best, "missing_condition")
        return Candidate(
            kind, last.start, last.end, f"Something may be missing behind `{_short(last.text)}`.", None
        )
    kind = _KINDS[group]
    if group == NUMERAL and not _is_next(token.text, best):
        kind = "wrong_number"
    words = f"`{_short(token.text)}` is unexpected here"
    if not best or not likelier:
        return Candidate(kind, token.start, token.end, f"{words}.", None)
    replacement = _in_quotes_of(token.text, best) if token.kind == STRING else best
    return Candidate(kind, token.start, token.end, f"{words}: is `{_short(replacement)}` meant?", replacement)


def _missing_before(token: Token, best: str, likelier: bool) -> Candidate:
    kind = _MISSING.get(best, "missing_call")
    if not best or not likelier:
        return Candidate(
            kind, token.start, token.end, f"Something may be missing before `{_short(token.text)}`.", None
        )
    between = "." if best in _OWNERS else " " if best in _UNARY else ""
    said = f"`{best}{between.strip()}` may be missing before `{_short(token.text)}`."
    return Candidate(kind, token.start, token.end, said, f"{best}{between}{token.text}")


def _is_next(one: str, two: str) -> bool:
    return one.isdigit() and two.isdigit() and abs(int(one) - int(two)) == 1


def _in_quotes_of(text: str, other: str) -> str:
    """A string of the vocabulary, whose quotes are all alike, in the quotes of `text`."""
    quote = next((char for char in text if char in "\"'`"), '"')
    inner = other[1:-1] if len(other) > 1 and other[0] == other[-1] == '"' else None
    return other if inner is None or quote in inner else f"{quote}{inner}{quote}"


def _short(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 40 else f"{line[:39]}…"
