"""The default that a doc string tells of a parameter, against the one in the head."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bug_finder.checks.documented import doc_string
from bug_finder.checks.parameters import parameters
from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import NUMBER, STRING, Token, lex

# A number with a word behind it is a measure, "none" a word, and a literal with a condition not for every
# call; of an escape sequence nobody knows how often it is escaped.
_TOLD = re.compile(
    r"\b[Dd]efaults?(?: value)?(?:\s*(?:to|is|=|:)\s*|\s+)(`{0,2}|\*{0,2})"
    r"(True|False|None|-?\d+(?:\.\d+)?(?:[eE]-?\d+)?|'[^'\n\\]*'|\"[^\"\n\\]*\")\1"
    r"(?=\s*(?:[,;)\]\n]|\.(?!\d)|\Z))(?!\s*[.,;]?\s*(?:if|when|for|unless|otherwise|or|and|on|in)\b)"
)
_FILLED_IN = ("None", "''", '""')  # what stands for a default that the body knows


def documented_default(scene: Scene) -> Iterator[Suspicion]:
    """A literal that is told to be the default of a parameter whose default is another literal."""
    doc = doc_string(scene) if scene.language == "python" else None
    if doc is None or not doc.names:
        return
    real = _defaults(scene.function.head)
    for name, place in doc.names:
        if name not in real:
            continue
        told = list(_TOLD.finditer(_entry(doc.text, place - doc.start)))
        if len(told) != 1:
            continue
        if real[name] in _FILLED_IN or not _differ(told[0][2], real[name]):
            continue
        start = place + told[0].start(2)
        yield Suspicion(
            "documented default",
            "comment_differs",
            start,
            start + len(told[0][2]),
            f"The doc string says that `{name}` is {told[0][2]} by default, and it is {real[name]}.",
            real[name],
        )


def _entry(text: str, at: int) -> str:
    """What is said of the parameter whose name stands at `at`: the lines that are indented deeper."""
    start = text.rfind("\n", 0, at) + 1
    indent = len(text[start:]) - len(text[start:].lstrip(" \t"))
    first, *lines = text[at:].split("\n")
    for number, line in enumerate(lines):
        if line.strip() and len(line) - len(line.lstrip(" \t")) <= indent:
            lines = lines[:number]
            break
    return "\n".join([first, *lines])


def _defaults(head: str) -> dict[str, str]:
    """The parameters of a Python function that have a literal for a default."""
    tokens = lex(head, "python")
    found: dict[str, str] = {}
    for parameter in parameters(head, "python") or ():
        at = next(at for at, token in enumerate(tokens) if token.start == parameter.start)
        if literal := _literal_behind(tokens, at):
            found[parameter.text] = literal
    return found


def _literal_behind(tokens: Sequence[Token], at: int) -> str:
    """The literal behind the `=` of the declaration at `at`; "" for none, or something longer."""
    depth = 0
    rest = tokens[at + 1 :]
    for here, (token, after) in enumerate(pairwise(rest)):
        if depth == 0 and token.text in (",", ")"):
            return ""
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0 and token.text == "=":
            size = 2 if after.text == "-" else 1
            value, end = rest[here + 1 : here + 1 + size], rest[here + 1 + size : here + 2 + size]
            literal = value[-1].kind in (NUMBER, STRING) or value[-1].text in ("True", "False", "None")
            return "".join(each.text for each in value) if literal and end and end[0].text in ",)" else ""
    return ""


def _differ(told: str, real: str) -> bool:
    """Whether two literals say different things; quotes may be around a word that describes a number."""
    try:
        said, value = ast.literal_eval(told), ast.literal_eval(real)
    except (ValueError, SyntaxError):
        return False
    if isinstance(said, str):
        return isinstance(value, str) and said.strip("`").lower() != value.lower()
    return bool(said != value)
