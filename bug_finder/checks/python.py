"""What is nearly always wrong in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bug_finder.checks.suspicion import Suspicion, spell
from bug_finder.tokens import KEYWORD, LINE, NAME, NUMBER, STRING, Token

_ENDS = frozenset(["return", "raise", "break", "continue"])


def identity_of_literal(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`is` with a number or a string, which may be equal and yet another object."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].text != "is" or language != "python":
            continue
        negated = tokens[at + 1].text == "not"
        other = tokens[min(at + 1 + negated, len(tokens) - 1)]
        if other.kind in (NUMBER, STRING):
            end = tokens[at + negated].end
            operator = "!=" if negated else "=="
            yield Suspicion(
                "identity of literal",
                "wrong_comparison",
                tokens[at].start,
                end,
                f"`is` asks for the same object, not for one equal to {spell([other])}.",
                operator,
            )


def mutable_default(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """A list or dict as default that the body changes: all calls share it."""
    if language != "python" or not any(token.text == "def" for token in tokens[:40]):
        return
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == LINE:
            return
        if depth == 1 and token.text == "=" and at + 2 < len(tokens) and at > 0:
            value = tokens[at + 1].text + tokens[at + 2].text
            name = _parameter(tokens, at)
            if value in ("[]", "{}") and name and _is_changed(tokens, name):
                yield Suspicion(
                    "mutable default",
                    "wrong_argument",
                    tokens[at + 1].start,
                    tokens[at + 2].end,
                    f"All calls share this default, and `{name}` is changed.",
                )


def unreachable(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """A statement behind `return`, `raise`, `break` or `continue` in the same block."""
    if language != "python":
        return
    leaves = False
    for at, token in enumerate(tokens):
        if token.kind == LINE:
            if leaves and token.text == "\n" and at + 1 < len(tokens):
                following = tokens[at + 1]
                if following.kind == NAME and following.text != "yield":
                    yield Suspicion(
                        "unreachable",
                        "wrong_expression",
                        following.start,
                        following.end,
                        "Nothing reaches this: the line above always leaves.",
                    )
            leaves = at + 1 < len(tokens) and tokens[at + 1].kind == KEYWORD and tokens[at + 1].text in _ENDS


def _parameter(tokens: Sequence[Token], equals: int) -> str:
    """The parameter whose default is behind `equals`, an annotation between them or not."""
    for at in range(equals - 1, max(equals - 12, -1), -1):
        if tokens[at].text in (",", "("):
            return tokens[at + 1].text if tokens[at + 1].kind == NAME else ""
    return ""


def _is_changed(tokens: Sequence[Token], name: str) -> bool:
    for at in range(len(tokens) - 3):
        if tokens[at].text == name and (at == 0 or tokens[at - 1].text != "."):
            after = [token.text for token in tokens[at + 1 : at + 3]]
            if after[0] == "." and after[1] in (
                "append",
                "add",
                "update",
                "extend",
                "insert",
                "setdefault",
                "pop",
            ):
                return True
    return False
