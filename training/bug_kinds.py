"""What a fix changed, in the terms of findings: the kind of a difference between two functions, by their
tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bug_finder.tokens import LINE, NAME, NUMBER, STRING, Token

MOST_TOKENS = 24  # that a single statement's fix removes or adds

_COMPARISONS = frozenset(["==", "!=", "===", "!==", "<", ">", "<=", ">=", "is", "in"])
_BOOLEAN = frozenset(["and", "or", "&&", "||"])
_ARITHMETIC = frozenset(["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^"])
_ASSIGNMENTS = frozenset(["=", "+=", "-=", "*=", "/=", "|=", "&=", ":="])
_BOOLS = frozenset(["True", "False", "true", "false"])
_MEMBER = frozenset([".", "?.", "->", "::"])
_OWNERS = frozenset(["self", "this"])


class Change(NamedTuple):
    """Tokens [start, end) of the wrong function became `new`."""

    kind: str
    start: int
    end: int
    new: tuple[Token, ...]


def change_of(wrong: Sequence[Token], right: Sequence[Token]) -> Change | None:
    """The one change that makes `right` of `wrong`; None where there is none, or too much of it."""
    one, two = [token.text for token in wrong], [token.text for token in right]
    if one == two:
        return None
    shorter = min(len(one), len(two))
    first = next((at for at in range(shorter) if one[at] != two[at]), shorter)
    last = next((at for at in range(shorter - first) if one[-1 - at] != two[-1 - at]), shorter - first)
    start, end, to = first, len(one) - last, len(two) - last
    if max(end - start, to - start) > MOST_TOKENS:
        return None
    removed, added = wrong[start:end], right[start:to]
    if LINE in {token.kind for token in (*removed, *added)}:
        return None  # of more than one statement
    return Change(_kind(wrong, start, end, removed, added), start, end, tuple(added))


def _kind(wrong: Sequence[Token], start: int, end: int, old: Sequence[Token], new: Sequence[Token]) -> str:
    olds, news = [token.text for token in old], [token.text for token in new]
    if len(old) == len(new) == 1:
        return _of_one(wrong, start, old[0], new[0])
    if not old:
        return _insertion("missing", wrong, start, news)
    if not new:
        return _insertion("extra", wrong, end, olds)
    if sorted(olds) == sorted(news):
        return "argument_swap" if "," in olds else "operand_swap"
    if set(olds) | set(news) <= _COMPARISONS | {"not"}:
        return "wrong_comparison"
    if (news[0] in "+-" and news[-1] == "1") or (olds[-1].isdigit() and news[-1].isdigit()):
        return "off_by_one"
    return "wrong_expression"


def _of_one(wrong: Sequence[Token], at: int, old: Token, new: Token) -> str:
    texts = {old.text, new.text}
    for kind, words in (
        ("wrong_comparison", _COMPARISONS),
        ("wrong_boolean_op", _BOOLEAN),
        ("wrong_assignment_op", _ASSIGNMENTS),
        ("wrong_operator", _ARITHMETIC),
        ("wrong_literal_bool", _BOOLS),
    ):
        if texts <= words:
            return kind
    if old.kind == new.kind == NUMBER:
        near = old.text.isdigit() and new.text.isdigit() and abs(int(old.text) - int(new.text)) == 1
        return "off_by_one" if near else "wrong_number"
    if old.kind == new.kind == STRING:
        return "wrong_string"
    if old.kind == new.kind == NAME:
        called = at + 1 < len(wrong) and wrong[at + 1].text == "("
        if at and wrong[at - 1].text in _MEMBER:
            return "wrong_method" if called else "wrong_attribute"
        if called:
            return "wrong_function"
        return "variable_misuse" if new.text in {token.text for token in wrong} else "wrong_name"
    return "wrong_expression"


def _insertion(what: str, wrong: Sequence[Token], at: int, words: Sequence[str]) -> str:
    if words in (["not"], ["!"]):
        return f"{what}_not"
    if (words[0] in ("await", "return") and len(words) == 1) or words[-1] == "await":
        return f"{what}_{'return' if words[0] == 'return' else 'await'}"
    if len(words) == 2 and words[0] in _OWNERS:
        return f"{what}_self"
    if len(words) == 2 and words[0] in ("+", "-") and words[1].isdigit():
        return "off_by_one"
    if words[0] in _BOOLEAN or words[-1] in _BOOLEAN:
        return f"{what}_condition"
    if words[0] in _MEMBER:
        return f"{what}_call" if words[-1] == ")" else f"{what}_attribute"
    if words[0] == "," or words[-1] == "," or (at and wrong[at - 1].text == "("):
        return f"{what}_argument"
    return f"{what}_expression"
