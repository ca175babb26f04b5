"""Strings that want to be something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import LINE, NAME, STRING, Token

_HOLE = re.compile(r"\{([A-Za-z_]\w*)(?:\.\w+|\[\w+\])*(?:![rsa])?(?::[^{}]*)?\}")
_TELLS = frozenset(
    ["print", "warn", "warning", "error", "info", "debug", "exception", "critical", "echo", "log"]
)
_PLAIN = re.compile(r"^[rRbBuU]?[\"']")


def forgotten_prefix(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """A message with a variable's name in braces, that is no f-string and is formatted by nobody."""
    if language != "python":
        return
    texts = {token.text for token in tokens}
    if {"format", "format_map", "substitute", "Template", "partial", "safe_format"} & texts:
        return
    names = {token.text for token in tokens if token.kind == NAME}
    for at, token in enumerate(tokens):
        if (
            token.kind != STRING
            or not _PLAIN.match(token.text)
            or token.text.startswith(('"""', "'''", "b", "r"))
            or "%{" in token.text
        ):
            continue
        before = tokens[at - 1] if at else Token(LINE, "\n", 0, 0)
        after = tokens[at + 1] if at + 1 < len(tokens) else Token(LINE, "\n", 0, 0)
        if (
            before.kind in (LINE,)
            or before.text in ("in", "==", "[", ":")
            or after.text in ("%", ".", "in", "]", ":")
        ):
            continue
        if not _is_said(tokens, at):
            continue
        holes = _HOLE.findall(token.text)
        if not holes or not all(hole in names for hole in holes) or "{{" in token.text:
            continue
        if not _is_filled_in(tokens, at, holes):
            yield Suspicion(
                "forgotten prefix",
                "wrong_string",
                token.start,
                token.end,
                f"`{{{holes[0]}}}` stays as it is: is this to be an f-string?",
                f"f{token.text}",
            )


def _is_filled_in(tokens: Sequence[Token], at: int, holes: Sequence[str]) -> bool:
    """Whether the call that gets the string gets something to fill in as well: `info("{a} is gone", a=b)`."""
    depth = 0
    for number in range(at + 1, len(tokens) - 1):
        text, behind = tokens[number].text, tokens[number + 1]
        if depth == 0 and (text == "**" or (text in holes and behind.text == "=")):
            return True
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if depth < 0:
            break
    return False


def _is_said(tokens: Sequence[Token], at: int) -> bool:
    """Whether the string is a message: in a `raise` or `assert`, or for a function that tells something."""
    start = at
    while start > 0 and tokens[start - 1].kind != LINE and at - start < 40:
        start -= 1
    if tokens[at - 1].text == "=" and at - start > 2:
        return False
    if tokens[start].text == "assert":
        return tokens[at - 1].text == "," or tokens[at - 1].kind == STRING
    return tokens[start].text == "raise" or any(
        token.text in _TELLS and tokens[start + number + 1].text == "("
        for number, token in enumerate(tokens[start : at - 1])
    )


def joined_by_accident(tokens: Sequence[Token], language: str) -> Iterator[Suspicion]:
    """In a list of strings, one a line, a line without its comma: the next string is glued to it."""
    if language != "python":
        return
    for at in range(2, len(tokens) - 2):
        one, two = tokens[at], tokens[at + 1]
        if one.kind != STRING or two.kind != STRING or one.end == two.start:
            continue
        if tokens[at - 1].text != "," or tokens[at - 2].kind != STRING or tokens[at + 2].text != ",":
            continue
        if at + 3 < len(tokens) and tokens[at + 3].kind == STRING and " " not in one.text + two.text:
            yield Suspicion(
                "joined by accident",
                "wrong_string",
                one.start,
                one.end,
                "A comma may be missing behind this string: the next one is glued to it.",
                f"{one.text},",
            )
