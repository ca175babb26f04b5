"""Conditions that are always true or always false, and comparisons whose result nobody takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bug_finder.checks.suspicion import Suspicion, spell
from bug_finder.tokens import KEYWORD, LINE, NAME, NUMBER, OPERATOR, STRING, Token

_LITERALS = (NUMBER, STRING)
_EQUAL = frozenset(["==", "==="])
_UNEQUAL = frozenset(["!=", "!=="])
_OR, _AND = frozenset(["or", "||"]), frozenset(["and", "&&"])


def always_the_same(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`x != 1 or x != 2` and `x == 1 and x == 2`, with two different literals."""
    for at in range(3, len(tokens) - 3):
        joined, first, second = tokens[at].text, tokens[at - 2].text, ""
        wanted = _UNEQUAL if joined in _OR else _EQUAL if joined in _AND else None
        if wanted is None or first not in wanted or tokens[at - 1].kind not in _LITERALS:
            continue
        size = _operand_before(tokens, at - 2)
        left = tokens[at - 2 - size : at - 2]
        right = tokens[at + 1 : at + 1 + size]
        if at + size + 2 >= len(tokens) or [one.text for one in left] != [one.text for one in right]:
            continue
        second, literal = tokens[at + 1 + size].text, tokens[at + 2 + size]
        if second in wanted and literal.kind in _LITERALS and literal.text != tokens[at - 1].text:
            always = "true" if joined in _OR else "false"
            yield Suspicion(
                "always the same",
                "wrong_boolean_op",
                tokens[at].start,
                tokens[at].end,
                f"This is always {always}: `{spell(left)}` cannot be both.",
                {"or": "and", "and": "or", "||": "&&", "&&": "||"}[joined],
            )


def comparison_without_effect(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`x == 1` as a statement of its own: an assignment is meant, or nothing."""
    if language == "rust":  # where it is what the block gives
        return
    starts = [0] + [at + 1 for at, token in enumerate(tokens) if token.kind == LINE]
    for at, end in zip(starts, [*starts[1:], len(tokens) + 1], strict=True):
        line = tokens[at : end - 1]
        if len(line) < 3 or (line[0].kind != NAME and line[0].text not in ("self", "this")):
            continue
        size = 1
        while size + 1 < len(line) and line[size].text in (".", "->") and line[size + 1].kind == NAME:
            size += 2
        if size >= len(line) or line[size].text not in _EQUAL:
            continue
        texts = {token.text for token in line}
        if texts & {"(", "?", "&&", "||", "and", "or", ")", ",", "=", "=>", "if", "{"} or not _ends_alone(
            tokens, at, end
        ):
            continue
        yield Suspicion(
            "comparison without effect",
            "wrong_operator",
            line[size].start,
            line[size].end,
            f"Nobody takes the result of this comparison: is `{spell(line[:size])}` to be assigned?",
            "=",
        )


def assignment_in_condition(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`if (a = 1)`: with a literal it is always the same."""
    if language not in ("c", "cpp", "javascript", "typescript", "tsx", "java"):
        return
    for at in range(len(tokens) - 4):
        if tokens[at].text in ("if", "while") and tokens[at + 1].text == "(" and tokens[at + 2].kind == NAME:
            size = at + 3
            while size + 2 < len(tokens) and tokens[size].text in (".", "->"):
                size += 2
            if (
                tokens[size].text == "="
                and tokens[size + 1].kind in (NUMBER, STRING, KEYWORD)
                and tokens[size + 2].text == ")"
            ):
                yield Suspicion(
                    "assignment in condition",
                    "wrong_assignment_op",
                    tokens[size].start,
                    tokens[size].end,
                    "This assigns, and is the same every time: is it to compare?",
                    "==",
                )


def _operand_before(tokens: Sequence[Token], at: int) -> int:
    """How many tokens of names and dots stand before `at`."""
    size = 0
    while at - size > 0 and (
        tokens[at - size - 1].kind == NAME or tokens[at - size - 1].text in (".", "->", "self", "this")
    ):
        size += 1
    return size


def _ends_alone(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether what stands in this line neither goes on from the line before nor into the next."""
    before = tokens[start - 2] if start > 1 else None
    if (
        before is not None
        and before.kind in (OPERATOR, KEYWORD)
        and before.text not in (":", "{", "}", ";", ")", "]", "pass")
    ):
        return False
    after = tokens[end] if end < len(tokens) else None
    return after is None or (after.text not in ("?", "&&", "||", ".", "and", "or", ")", "]") and start > 0)
