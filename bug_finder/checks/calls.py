"""Calls whose result is dropped, and formats that get more or fewer values than they have holes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import LINE, NAME, STRING, Token

_DIRECTIVES = re.compile(r"(?<!%)%(?:\((\w+)\))?[-#0 +]*(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([diouxXeEfFgGcrsa%])")


def dropped_coroutine(scene: Scene) -> Iterator[Suspicion]:
    """A call of an `async def` of the same class or file as a statement without `await`."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    owner = scene.function.name.rpartition(".")[0]
    inside_async = "async def" in scene.function.head
    if not inside_async:
        return
    for at, end in _statements(tokens):
        line = tokens[at:end]
        if len(line) < 3 or line[-1].text != ")":
            continue
        mine = line[0].text == "self" and line[1].text == "." and line[2].kind == NAME
        name = line[2] if mine else line[0]
        opened = _opener(line)
        if name.kind != NAME or opened != (3 if mine else 1):
            continue
        heads = scene.around.heads.get(name.text, ())
        wanted = [each for each in heads if each.name == (f"{owner}.{name.text}" if mine else name.text)]
        if (
            len(wanted) != 1
            or not re.search(r"\basync def\b", wanted[0].head)
            or "@" in wanted[0].head.partition("async def")[0]
        ):
            continue
        if re.search(rf"\bdef {name.text}\b|\b{name.text}\s*=", scene.function.text):
            continue
        yield Suspicion(
            "dropped coroutine",
            "missing_await",
            line[0].start,
            line[0].end,
            f"`{name.text}` is a coroutine: without `await` it does not run.",
            f"await {line[0].text}",
        )


def count_of_format(scene: Scene) -> Iterator[Suspicion]:
    """`"%s of %s" % (a,)`, `"{} {}".format(a)`: more or fewer holes than values."""
    if scene.language != "python":
        return
    tokens = scene.tokens
    for at in range(len(tokens) - 3):
        one = tokens[at]
        if (
            one.kind != STRING
            or not re.match(r"[uUrR]?[\"']", one.text)
            or (at and tokens[at - 1].kind == STRING)
        ):
            continue
        if tokens[at + 1].text == "%" and tokens[at + 2].text == "(":
            found = [match for match in _DIRECTIVES.finditer(one.text) if match[4] != "%"]
            plain = one.text.replace("%%", "")
            if any(each[1] or each[2] == "*" or each[3] == "*" for each in found) or plain.count("%") != len(
                found
            ):
                continue
            given = _arguments(tokens, at + 2)
            close = _closer(tokens, at + 2)
            many = len(given) > 1 or (close > 0 and tokens[close - 1].text == ",")
            if not many or close < 0 or any(each[0].text == "*" for each in given):
                continue
            if len(given) == len(found) or any("for" in {t.text for t in each} for each in given):
                continue
            if close + 1 < len(tokens) and tokens[close + 1].text in (".", "+", "*", "["):
                continue
            holes = len(found)
        elif tokens[at + 1].text == "." and tokens[at + 2].text == "format" and tokens[at + 3].text == "(":
            inner = one.text.replace("{{", "").replace("}}", "")
            holes = len(re.findall(r"\{(?:![rsa])?(?::[^{}]*)?\}", inner))
            if inner.count("{") != holes or inner.count("}") != holes:
                continue
            given = _arguments(tokens, at + 3)
            if any(
                each[0].text in ("*", "**")
                or "=" in [t.text for t in each]
                or "for" in {t.text for t in each}
                for each in given
            ):
                continue
            if len(given) >= holes:
                continue
        else:
            continue
        yield Suspicion(
            "count of format",
            "wrong_string",
            one.start,
            one.end,
            f"Holes in this text: {holes}; values that it gets: {len(given)}.",
        )


def _statements(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where each line's tokens begin and end."""
    start = 0
    for at, token in enumerate(tokens):
        if token.kind == LINE:
            if at > start:
                yield start, at
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)


def _opener(line: Sequence[Token]) -> int:
    """Where the parenthesis opens that the line's last token closes; -1."""
    depth = 0
    for at in range(len(line) - 1, -1, -1):
        depth += (line[at].text in (")", "]", "}")) - (line[at].text in ("(", "[", "{"))
        if depth == 0:
            return at
    return -1


def _closer(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for here in range(at, len(tokens)):
        depth += (tokens[here].text in ("(", "[", "{")) - (tokens[here].text in (")", "]", "}"))
        if depth == 0:
            return here
    return -1


def _arguments(tokens: Sequence[Token], at: int) -> list[Sequence[Token]]:
    """The arguments of the call whose parenthesis opens at `at`."""
    close = _closer(tokens, at)
    if close < 0:
        return []
    given: list[Sequence[Token]] = []
    depth, start = 0, at + 1
    for here in range(at + 1, close + 1):
        text = tokens[here].text
        if (text == "," and depth == 0) or here == close:
            if here > start:
                given.append(
                    [token for token in tokens[start:here] if token.kind != LINE] or tokens[start:here]
                )
            start = here + 1
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
    return given
