"""Conditions that look into what they have just found to be nothing, and others that no value can meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion, spell
from bug_finder.tokens import KEYWORD, LINE, MEMBER, NAME, NUMBER, STRING, Token

_NOTHING = frozenset(["None", "null", "nil", "undefined", "NULL", "nullptr"])
_AND, _OR = frozenset(["and", "&&"]), frozenset(["or", "||"])
_OTHER = {"and": "or", "or": "and", "&&": "||", "||": "&&"}


def look_into_nothing(scene: Scene) -> Iterator[Suspicion]:
    """`x is None and x.y`, `x != null || x.y`, `not x and x.y`."""
    tokens = scene.tokens
    for at in range(2, len(tokens) - 2):
        text = tokens[at].text
        if text not in _OTHER:
            continue
        operand = _found_nothing(tokens, at, text in _AND)
        if not operand:
            continue
        size = len(operand)
        start = at + 1
        if tokens[start].text in ("not", "!"):
            start += 1
        right = tokens[start : start + size]
        if [one.text for one in right] != [one.text for one in operand] or start + size + 1 >= len(tokens):
            continue
        behind = tokens[start + size].text
        if behind in (".", "->", "["):
            yield Suspicion(
                "look into nothing",
                "wrong_boolean_op",
                tokens[at].start,
                tokens[at].end,
                f"`{spell(operand)}` is nothing where this looks into it.",
                _OTHER[text],
            )


def _found_nothing(tokens: Sequence[Token], at: int, all_of: bool) -> Sequence[Token]:
    """What is nothing behind the `and` or `or` at `at`; () where that is not said."""
    end = at
    if tokens[at - 1].text in _NOTHING and at > 3:
        said = tokens[at - 2].text
        end = at - 2
        is_nothing = said in ("==", "===", "is")
        if said == "not" and tokens[at - 3].text == "is":
            end, said = at - 3, "is not"
        if (all_of and not is_nothing) or (not all_of and said not in ("!=", "!==", "is not")):
            return ()
        operand = _path(tokens, end)
        before = tokens[end - len(operand) - 1].text if end - len(operand) > 0 else ""
        return (
            operand
            if before in ("(", "if", "elif", "while", "return", "=", "and", "&&", "or", "||")
            and not (before in _OR and all_of)
            and not (before in _AND and not all_of)
            else ()
        )
    operand = _path(tokens, end)
    begin = end - len(operand)
    if not operand or begin < 2:
        return ()
    before, further = tokens[begin - 1].text, tokens[begin - 2].text
    negated = before in ("not", "!")
    if all_of and negated and further in ("(", "if", "elif", "while", "return", "=", "and", "&&"):
        return operand
    return ()


def _path(tokens: Sequence[Token], end: int) -> Sequence[Token]:
    """The name, with what it is a member of, that ends before `end`."""
    start = end
    while start > 0:
        token = tokens[start - 1]
        if not (token.kind == NAME or token.text in ("self", "this")):
            break
        start -= 1
        if start > 0 and tokens[start - 1].text in MEMBER:
            start -= 1
        else:
            break
    path = tokens[start:end]
    return path if path and (path[0].kind == NAME or path[0].text in ("self", "this")) else ()


def truth_of_literal(scene: Scene) -> Iterator[Suspicion]:
    """`x == "a" or "b"` as a condition: the second literal is always true."""
    tokens = scene.tokens
    for at in range(3, len(tokens) - 2):
        if tokens[at].text not in ("or", "||") or tokens[at - 2].text not in ("==", "===", "is"):
            continue
        if tokens[at - 1].kind not in (STRING, NUMBER) or tokens[at + 1].kind != tokens[at - 1].kind:
            continue
        begin = at
        while (
            begin > 0
            and tokens[begin].kind != LINE
            and tokens[begin].text not in ("if", "elif", "while", "{", "}", ";")
        ):
            begin -= 1
        if tokens[begin].text in ("if", "elif", "while") and tokens[at + 2].text in (
            ":",
            ")",
            "or",
            "||",
            "and",
            "&&",
            "{",
        ):
            yield Suspicion(
                "truth of literal",
                "missing_condition",
                tokens[at + 1].start,
                tokens[at + 1].end,
                "This is always true: is it to be compared, too?",
            )


def never_both(scene: Scene) -> Iterator[Suspicion]:
    """`x < 0 && x >= 10`, and `x > 0 || x < 10`: never, or always."""
    tokens = scene.tokens
    for at in range(3, len(tokens) - 3):
        text = tokens[at].text
        if text not in _OTHER or tokens[at - 1].kind != NUMBER or tokens[at + 3 : at + 4] == []:
            continue
        left = _path(tokens, at - 2)
        size = len(left)
        if not left or [each.text for each in tokens[at + 1 : at + 1 + size]] != [each.text for each in left]:
            continue
        begin = at - 2 - size
        if begin > 0 and tokens[begin - 1].text not in (
            "(",
            "if",
            "elif",
            "while",
            "return",
            "=",
            "assert",
            "&&",
            "||",
            "and",
            "or",
        ):
            continue
        if at + 2 + size >= len(tokens) or tokens[at + 2 + size].kind != NUMBER:
            continue
        behind = tokens[at + 3 + size].text if at + 3 + size < len(tokens) else ""
        if behind in (".", "[", "*", "+", "-", "/", "<<", "%"):
            continue
        try:
            one, two = float(tokens[at - 1].text), float(tokens[at + 2 + size].text)
        except ValueError:
            continue
        first, second = tokens[at - 2].text, tokens[at + 1 + size].text
        low, high = ("<", "<="), (">", ">=")
        never = (
            first in low
            and second in high
            and one <= two
            and not (one == two and first == "<=" and second == ">=")
        ) or (
            first in high
            and second in low
            and one >= two
            and not (one == two and first == ">=" and second == "<=")
        )
        always = (first in low and second in high and one >= two) or (
            first in high and second in low and one <= two
        )
        if (text in _AND and never) or (text in _OR and always and one != two):
            yield Suspicion(
                "never both",
                "wrong_boolean_op",
                tokens[at].start,
                tokens[at].end,
                f"This is always {'false' if text in _AND else 'true'}.",
                _OTHER[text],
            )


def odd_python(scene: Scene) -> Iterator[Suspicion]:
    """`raise NotImplemented`, `except A or B`, `assert (a, b)`, `x in ("a")`."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    for at in range(len(tokens) - 3):
        text, after = tokens[at].text, tokens[at + 1]
        if tokens[at].kind != KEYWORD:
            continue
        if text == "raise" and after.text == "NotImplemented":
            yield Suspicion(
                "odd python",
                "wrong_name",
                after.start,
                after.end,
                "`NotImplemented` is no exception.",
                "NotImplementedError",
            )
        elif text == "except":
            here = at + 1
            while here < len(tokens) and tokens[here].text != ":" and tokens[here].kind != LINE:
                if tokens[here].text in ("or", "and"):
                    yield Suspicion(
                        "odd python",
                        "wrong_boolean_op",
                        tokens[here].start,
                        tokens[here].end,
                        f"`except` catches what `{tokens[here].text}` gives, which is one of the two.",
                    )
                    break
                here += 1
        elif (
            text == "in"
            and after.text == "("
            and tokens[at + 2].kind == STRING
            and tokens[at + 3].text == ")"
            and len(tokens[at + 2].text) > 4
            and at
            and (at + 4 >= len(tokens) or tokens[at + 4].text not in ("%", "+", ".", "*"))
        ):
            yield Suspicion(
                "odd python",
                "wrong_expression",
                tokens[at + 2].start,
                tokens[at + 2].end,
                "In parentheses without a comma this is a string, of which a part is looked for.",
                f"{tokens[at + 2].text},",
            )
