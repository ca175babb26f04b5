"""Which names of a function are given a value there, and which of them are never looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bug_finder.tokens import KEYWORD, LINE, MEMBER, NAME, STRING, Token
from bug_finder.vocabulary import Encoded

_INTRODUCES = frozenset(["for", "let", "const", "var", "as", "mut", "int", "auto", "ref"])
_GIVES = frozenset(["=", ":="])
_BODY = frozenset(["{", "=>"])
_ESCAPES = frozenset(["global", "nonlocal", "locals", "vars", "eval", "exec", "__class__"])

_LISTED = 24  # tokens to either side that are looked at for a list of names

Bools = npt.NDArray[np.bool_]


class Usage(NamedTuple):
    """Of the N different names and strings of a function."""

    parameters: Bools  # (N,): stand in the signature
    unused: Bools  # (N,): parameters and variables that nobody looks at
    loose: Bools  # (N,): looked at, and given no value in the function
    defines: Bools  # (tokens,): gives a name its value


def usage(tokens: Sequence[Token], encoded: Encoded) -> Usage:
    """By the tokens alone, and so now and then wrong."""
    count = int(encoded.copies.max(initial=-1)) + 1
    defined, used, parameters = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool)
    defines = np.zeros(len(tokens), bool)
    signature = _signature(tokens)
    depth = 0
    escapes = any(token.text in _ESCAPES for token in tokens)
    for at, (token, number) in enumerate(zip(tokens, encoded.copies.tolist(), strict=True)):
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if number < 0 or token.kind == STRING:
            continue
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if before in MEMBER:
            continue
        in_signature = signature[0] < at < signature[1]
        if (
            in_signature
            and depth == 1
            and before in ("(", ",", "*", "**", "&", "...")
            and after in (",", ")", ":", "=", "?", "")
        ):
            parameters[number] = defined[number] = defines[at] = True
        elif in_signature:
            used[number] = True  # a type, or a default
        elif (after in _GIVES and depth == 0) or before in _INTRODUCES or _is_listed(tokens, at, depth):
            defined[number] = defines[at] = True
        elif not (after == "=" and depth):  # a keyword argument names another function's parameter
            used[number] = True
    unused = defined & ~used & (not escapes)
    names = [""] * count
    for token, number in zip(tokens, encoded.copies.tolist(), strict=True):
        if number >= 0:
            names[number] = token.text
    for number, name in enumerate(names):
        if name.startswith("_") or name in ("self", "cls", "this", "args", "kwargs"):
            unused[number] = False
    return Usage(parameters, unused, used & ~defined, defines)


def _signature(tokens: Sequence[Token]) -> tuple[int, int]:
    """The tokens between which the parameters stand: those of the first parentheses behind the name."""
    begin = next(
        (at for at, token in enumerate(tokens) if token.text in ("def", "function", "func", "fn")), 0
    )
    start = next((at for at in range(begin, len(tokens)) if tokens[at].text == "("), 0)
    if tokens[begin].text == "func" and start == begin + 1:  # a receiver of Go comes first
        start = next((at for at in range(start + 1, len(tokens)) if tokens[at].text == "("), start)
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at].text == "(") - (tokens[at].text == ")")
        if depth == 0:
            return start, at + 1
    return start, start


def _is_listed(tokens: Sequence[Token], at: int, depth: int) -> bool:
    """Whether this is one of several names in `a, b = ...` or `for a, b in ...`."""
    first = last = at
    while first > max(at - _LISTED, 0) and _may_stand_in_a_list(tokens[first - 1], "("):
        first -= 1
    while last + 1 < min(at + _LISTED, len(tokens)) and _may_stand_in_a_list(tokens[last + 1], ")"):
        last += 1
    texts = [token.text for token in tokens[first : last + 1]]
    if "," not in texts or "(" in texts[1:] or last + 1 >= len(tokens):
        return False  # no list, or the arguments of a call
    after, before = tokens[last + 1], tokens[first - 1] if first else Token(LINE, "\n", 0, 0)
    if before.kind == KEYWORD and before.text == "for":
        return after.text in ("in", ":", ";", "=", ":=")
    return before.kind == LINE and after.text in _GIVES and depth <= 1


def _may_stand_in_a_list(token: Token, bracket: str) -> bool:
    return token.kind == NAME or token.text in (",", bracket)
