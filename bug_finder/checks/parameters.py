"""The names of a function's parameters, by its head."""

from __future__ import annotations

from collections.abc import Sequence

from bug_finder.tokens import KEYWORD, LINE, NAME, Token, lex

_OF_CLASSES = frozenset(["readonly", "public", "private", "protected"])
_MODIFIERS = {"typescript": _OF_CLASSES, "tsx": _OF_CLASSES, "rust": frozenset(["mut", "ref"])}


def parameters(head: str, language: str) -> list[Token] | None:
    """The names in order, at their places in `head`, without the receiver.

    None where one of them is a pattern, or cannot be told.
    """
    tokens = [token for token in lex(head, language) if token.kind != LINE]
    at = _opener(tokens, language)
    if at < 0:
        return None
    found: list[Token] = []
    for each in _split(tokens, at):
        if not each:
            continue
        name = _name(each, language)
        if name is None:
            return None
        if name.text not in ("self", "cls", "this", "void", "/", "*", ""):
            found.append(name)
    return found


def _opener(tokens: Sequence[Token], language: str) -> int:
    """Where the list of parameters opens."""
    words = {"python": "def", "rust": "fn"}.get(language)
    begin = 0
    if words:
        begin = next((at for at, token in enumerate(tokens) if token.text == words), -1)
        if begin < 0:
            return -1
    elif language == "go":
        begin = next((at for at, token in enumerate(tokens) if token.text == "func"), -1)
        if begin < 0 or (begin + 1 < len(tokens) and tokens[begin + 1].text == "("):
            return -1 if begin < 0 else _after_receiver(tokens, begin + 1)
    at = begin
    while at < len(tokens) and tokens[at].text != "(":
        if tokens[at].text == "@" and language in ("java", "typescript", "tsx"):
            return -1
        at += 1
    return at if at < len(tokens) else -1


def _after_receiver(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for here in range(at, len(tokens)):
        depth += (tokens[here].text == "(") - (tokens[here].text == ")")
        if depth == 0 and here > at and tokens[here].text == "(":
            return here
        if depth == 1 and tokens[here].text == "(" and here > at:
            return here
    return -1


def _split(tokens: Sequence[Token], at: int) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens[at:]:
        if token.text in (")", "]", "}") or (token.text in (">", ">>") and depth > 1):
            depth -= len(token.text)
            if depth <= 0:
                return parts
        if token.text == "," and depth == 1:
            parts.append([])
        elif depth >= 1:
            parts[-1].append(token)
        if token.text in ("(", "[", "{") or (token.text == "<" and depth >= 1):
            depth += 1
    return parts


def _name(part: Sequence[Token], language: str) -> Token | None:
    """The name in one parameter's declaration."""
    if language in ("python", "javascript", "typescript", "tsx", "rust", "go"):
        for token in part:
            if token.text in _MODIFIERS.get(language, ()) and token is not part[-1]:
                continue
            if token.kind == NAME or token.text in ("self", "this", "/"):
                return token
            if token.text in ("[", "{"):
                return None
            if token.text == "*" and len(part) == 1:
                return token
        return None
    depth, last = 0, None
    for token in part:
        depth += (token.text in ("<", "[", "(")) - (token.text in (">", "]", ")")) - 2 * (token.text == ">>")
        if token.kind == NAME and depth == 0:
            last = token
        if token.text in ("(", "="):
            return None
    if len(part) == 1 and part[0].kind == KEYWORD:
        return part[0] if part[0].text == "void" else None
    return last if last is not None and len(part) > 1 else None
