"""What a doc string or doc comment says of a function, against what the function is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from bug_finder.checks.parameters import parameters
from bug_finder.checks.scene import Scene
from bug_finder.checks.suspicion import Suspicion
from bug_finder.tokens import LINE, NUMBER, STRING

_KIND = "comment_differs"
_SPHINX = re.compile(
    r"^[ \t]*:(?:param|parameter|arg|argument)\s+(?:[^:\n]*?\s)?\\?\*{0,2}(\w+)\s*:", re.MULTILINE
)
_GOOGLE = re.compile(
    r"^([ \t]*)(?:Args|Arguments|Parameters|Params):[ \t]*\n((?:(?:\1[ \t]+\S.*)?\n)*)", re.MULTILINE
)
_NUMPY = re.compile(r"^([ \t]*)Parameters[ \t]*\n\1-{4,}[ \t]*\n((?:(?:\1.*)?\n)*)", re.MULTILINE)
_TAG = re.compile(
    r"^[ \t/*]*[@\\]param(?:\[[^\]]*\])?[ \t]+(?:\{(?:[^{}]|\{[^{}]*\})*\}[ \t]+)?(<?\[?[\w$]+[\].]?)",
    re.MULTILINE,
)
_RETURNS = re.compile(
    r"^[ \t]*(?::returns?:[ \t]*(.*)|Returns(?::[ \t]*\n|[ \t]*\n[ \t]*-{4,}[ \t]*\n)[ \t]*(.*))$",
    re.MULTILINE,
)
_NOTHING = re.compile(r"\b(?:none|nothing|void|null|undefined|never|noreturn)\b", re.IGNORECASE)


_UNCLEAR = frozenset(["yield", "...", "def", "lambda"])
_NEVER_RETURNS = frozenset(["raise", "abstractmethod", "pass", "NotImplemented", "exit", "assert"])
_NO_NAMES = frozenset(
    ["self", "cls", "type", "rtype", "return", "returns", "raises", "note", "example", "A", "An", "The"]
)


class Doc(NamedTuple):
    """What is said of the parameters: each name with where it stands, in the function or not (-1)."""

    text: str
    start: int  # of the text in the function; -1 where it stands above
    names: list[tuple[str, int]]


def documented_parameters(scene: Scene) -> Iterator[Suspicion]:
    """A parameter that is documented by a name that it does not have."""
    doc = _doc(scene)
    if doc is None or not doc.names:
        return
    head = scene.function.head
    real = parameters(head, scene.language)
    if real is None or not real:
        return
    names = [each.text for each in real]
    told = [name for name, _ in doc.names]
    strange = [at for at, name in enumerate(told) if name not in names]
    untold = [at for at, name in enumerate(names) if name not in told]
    if len(strange) != 1 or len(untold) != 1 or len(set(told)) != len(told):
        return
    (at,), (missing,) = strange, untold
    # The one stands where the other is to stand.
    if (
        at != missing
        or len(told) != len(names)
        or [each for each in told if each in names] != [each for each in names if each in told]
    ):
        return
    name, place = doc.names[at]
    parameter = real[missing]
    if re.search(rf"\*\s*{parameter.text}\b", head) and scene.language == "python":
        return
    if name in _NO_NAMES or name.strip("_") == parameter.text.strip("_"):
        return
    start, end = (place, place + len(name)) if place >= 0 else (parameter.start, parameter.end)
    yield Suspicion(
        "documented parameters",
        _KIND,
        start,
        end,
        f"The documentation tells of `{name}`, which is no parameter: is it `{parameter.text}`?",
        parameter.text if place >= 0 else None,
    )


def documented_result(scene: Scene) -> Iterator[Suspicion]:
    """A doc string that tells what is returned, where nothing is, or the other way round."""
    doc = _doc(scene)
    if doc is None or scene.language != "python" or doc.start < 0 or "__init__" in scene.function.name:
        return
    found = _RETURNS.search(doc.text)
    if found is None:
        return
    said = next((group for group in found.groups() if group), "").strip()
    body = [token for token in scene.tokens if token.start >= doc.start + len(doc.text)]
    texts = {token.text for token in body}
    if not said or len(body) < 12 or texts & _UNCLEAR:
        return
    gives = [
        two for one, two in pairwise(body) if one.text == "return" and two.kind != LINE and two.text != ";"
    ]
    says_nothing = re.fullmatch(r"(?:None|nothing)\.?", said, re.IGNORECASE)
    if says_nothing and gives and all(each.kind in (STRING, NUMBER) for each in gives):
        where, message = gives[0], "The doc string says that this returns nothing."
        yield Suspicion("documented result", _KIND, where.start, where.end, message)
    elif not gives and not _NOTHING.search(said) and not texts & _NEVER_RETURNS:
        at = doc.start + found.start() + len(found[0]) - len(found[0].lstrip())
        end = at + len(found[0].strip().partition("\n")[0])
        yield Suspicion("documented result", _KIND, at, end, "This tells what is returned, and nothing is.")


def _doc(scene: Scene) -> Doc | None:
    if scene.language == "python":
        return doc_string(scene)
    above = scene.above.rstrip(" \t")
    if not above.endswith("*/\n") and not above.endswith("*/"):
        return None
    start = above.rfind("/*")
    text = above[start:]
    if start < 0 or "inheritDoc" in text:
        return None
    names: list[tuple[str, int]] = []
    for match in _TAG.finditer(text):
        name = match[1]
        if name.startswith("<") or name.endswith("."):
            continue
        name = name.strip("[].")
        if names and names[-1][0] == name:
            continue
        if re.match(r"\.", text[match.end(1) :]):  # a part of an object
            continue
        names.append((name, -1))
    return Doc(text, -1, names)


def doc_string(scene: Scene) -> Doc | None:
    """What the doc string of a Python function says, in any of the usual forms; None where it has none."""
    head = len(scene.function.head)
    first = next((token for token in scene.tokens if token.start >= head), None)
    if first is None or first.kind != STRING or not first.text.lstrip("rRuU").startswith(('"""', "'''")):
        return None
    text = first.text
    names = [(match[1], match.start(1)) for match in _SPHINX.finditer(text)]
    for section in () if names else _GOOGLE.finditer(text):
        lines = section[2]
        indents = [len(each) - len(each.lstrip()) for each in lines.splitlines() if each.strip()]
        entry = rf"^[ \t]{{{min(indents, default=0)}}}\*{{0,2}}(\w+)[ \t]*(?:\([^)\n]*\))?:"
        names += _entries(entry, lines, section.start(2))
    for section in () if names else _NUMPY.finditer(text):
        lines, indent = section[2], len(section[1])
        end = re.search(rf"^[ \t]{{{indent}}}\S[^\n]*\n[ \t]*-{{3,}}", lines, re.MULTILINE)
        lines = lines[: end.start()] if end else lines
        names += _entries(rf"^[ \t]{{{indent}}}(\w+)[ \t]*(?::[^\n]*)?$", lines, section.start(2))
    return Doc(text, first.start, [(name, first.start + at) for name, at in names])


def _entries(entry: str, lines: str, start: int) -> list[tuple[str, int]]:
    return [(match[1], start + match.start(1)) for match in re.finditer(entry, lines, re.MULTILINE)]
