"""The same thing on both sides of an operator, and the same condition twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bug_finder.checks.suspicion import Suspicion, spell
from bug_finder.tokens import KEYWORD, LINE, MEMBER, NAME, NUMBER, OPERATOR, STRING, Token

_COMPARISONS = frozenset(["==", "!=", "===", "!==", "<", ">", "<=", ">=", "is"])
_BOOLEAN = frozenset(["and", "or", "&&", "||"])
_STOPS = frozenset(
    "and or && || ; , ( ) { } : ? = if elif else return while not ! lambda in for => & |".split()  # noqa: SIM905
)
_OPEN, _CLOSE = frozenset("(["), frozenset(")]")


def same_operands(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`a.b == a.b`, `a and a`; with calls it may mean something (`next(x) == next(x)`)."""
    for at, token in enumerate(tokens):
        if token.kind not in (OPERATOR, KEYWORD):
            continue
        if token.text in _COMPARISONS:
            ends: frozenset[str] = _STOPS - {"&", "|"}
        elif token.text in _BOOLEAN:
            ends = _STOPS - {"not", "in"}
        else:
            continue
        left, right = _before(tokens, at, ends), _after(tokens, at, ends)
        if len(left) != len(right) or not left or not _is_plain(left, token.text in _BOOLEAN):
            continue
        if token.text in _COMPARISONS and (len(left) == 1 or "::" in {each.text for each in left}):
            continue  # asks whether it is not a number, or tests the operator
        before = tokens[at - len(left) - 1].text if at > len(left) else ""
        after = tokens[at + len(right) + 1].text if at + len(right) + 1 < len(tokens) else ""
        if before in ("!", "not") or (token.text in _BOOLEAN and after in ("&", "|")):
            continue
        if all(one.text == two.text for one, two in zip(left, right, strict=True)):
            if _is_asserted(tokens, at):
                continue  # a test of the operator itself
            if token.text in ("or", "||") and {before, after} & {"and", "&&"}:
                continue  # which binds more tightly
            if token.text in ("and", "&&") and after in ("or", "||"):
                continue  # an old way to write a conditional expression
            words = spell(left)
            yield Suspicion(
                "same operands",
                "variable_misuse",
                right[0].start,
                right[-1].end,
                f"`{words}` stands on both sides of `{token.text}`.",
            )


def _is_asserted(tokens: Sequence[Token], at: int) -> bool:
    """Whether a statement states that this holds."""
    while at > 0 and tokens[at].kind != LINE and tokens[at].text not in (";", "{", "}"):
        at -= 1
        if tokens[at].text.lower().startswith(("assert", "expect")):
            return True
    return False


def self_assignment(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """`x = x` as a statement; as a keyword argument or a declared default it means something."""
    starts = {0} | {
        at + 1 for at, token in enumerate(tokens) if token.kind == LINE or token.text in ("{", "}", ";")
    }
    for at in starts:
        left = _after(tokens, at - 1, frozenset(("=",)))
        equals = at + len(left)
        if not left or equals >= len(tokens) or tokens[equals].text != "=" or not _is_plain(left, False):
            continue
        right = _after(tokens, equals, frozenset((";", "}", ",")))
        behind = equals + len(right) + 2
        if behind < len(tokens) and tokens[behind].text in MEMBER | {"?", "+", "||", "&&"}:
            continue  # it goes on in the next line
        if [token.text for token in left] == [token.text for token in right] and left[-1].kind == NAME:
            words = spell(left)
            yield Suspicion(
                "self assignment",
                "variable_misuse",
                right[0].start,
                right[-1].end,
                f"`{words}` is assigned to itself.",
            )


def repeated_condition(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """An `elif` or `else if` that asks what an earlier branch of its chain has asked."""
    column = 0
    chains: list[tuple[int, dict[str, int]]] = []
    for at, token in enumerate(tokens):
        if token.kind == LINE:
            column = token.end - token.start - 1
        if token.kind != KEYWORD or token.text not in ("if", "elif"):
            continue
        chained = token.text == "elif" or (at > 0 and tokens[at - 1].text == "else")
        condition = _condition(tokens, at, language)
        if not condition:
            while chains and not chained and chains[-1][0] >= column:
                chains.pop()
            continue
        words = " ".join(each.text for each in condition)
        while chains and chains[-1][0] > column:
            chains.pop()
        if not chained or not chains or chains[-1][0] != column:
            if chains and chains[-1][0] == column:
                chains.pop()
            chains.append((column, {words: at}))
            continue
        seen = chains[-1][1]
        if words in seen and "(" not in words:
            yield Suspicion(
                "repeated condition",
                "wrong_expression",
                condition[0].start,
                condition[-1].end,
                f"An earlier branch has asked `{spell(condition)}` already.",
            )
        seen[words] = at


def _condition(tokens: Sequence[Token], at: int, language: str) -> Sequence[Token]:
    depth = 0
    stop = ":" if language == "python" else "{"
    for end in range(at + 1, min(at + 60, len(tokens))):
        text = tokens[end].text
        if tokens[end].kind == LINE:
            return ()  # it goes on
        if depth == 0 and text == stop:
            return tokens[at + 1 : end]
        depth += (text in _OPEN or text == "{") - (text in _CLOSE or text == "}")
        if depth == 0 and text == ")" and tokens[at + 1].text == "(":
            return tokens[at + 1 : end + 1]
    return ()


def _before(tokens: Sequence[Token], at: int, ends: frozenset[str]) -> Sequence[Token]:
    depth = 0
    for start in range(at - 1, max(at - 30, -1), -1):
        token = tokens[start]
        if depth == 0 and (token.kind == LINE or token.text in ends - _CLOSE or token.text == "["):
            return tokens[start + 1 : at]
        depth += (token.text in _CLOSE) - (token.text in _OPEN)
        if depth < 0:
            return tokens[start + 1 : at]
    return tokens[:at] if at < 30 else ()


def _after(tokens: Sequence[Token], at: int, ends: frozenset[str]) -> Sequence[Token]:
    depth = 0
    for end in range(at + 1, min(at + 30, len(tokens))):
        token = tokens[end]
        if depth == 0 and (token.kind == LINE or token.text in ends - _OPEN or token.text == "]"):
            return tokens[at + 1 : end]
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth < 0:
            return tokens[at + 1 : end]
    return tokens[at + 1 :] if len(tokens) - at < 30 else ()


def _is_plain(tokens: Sequence[Token], may_call: bool) -> bool:
    """Names, attributes and subscripts: what has the same value when it is looked at twice."""
    texts = {token.text for token in tokens}
    if not any(token.kind == NAME or token.text in ("self", "this") for token in tokens):
        return False
    if "(" in texts or "await" in texts or "++" in texts or "--" in texts:
        return False
    return all(
        token.kind in (NAME, NUMBER, STRING, KEYWORD) or token.text in MEMBER | {"[", "]"} for token in tokens
    )
