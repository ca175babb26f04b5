"""The import statements of a file, and how one takes another name or gets a new neighbour.

Read with the few forms that imports have in practice (Python, JavaScript and TypeScript, Java, Go, Rust),
because files being edited rarely parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from completion.next_edit.tokens import indent_of
from text.languages import language_of

_HEAD: Final = 400  # lines in which imports are looked for
_LONGEST: Final = 40  # lines of one statement
_WIDEST: Final = 120  # characters of a line that a name is added to
_LIST: Final = {
    "python": re.compile(
        r"(?P<head>\s*from\s+(?P<module>[\w.]+)\s+import\s+)(?P<items>[^#;]*?)(?P<tail>\s*)$", re.S
    ),
    "rust": re.compile(
        r"(?P<head>\s*(?:pub(?:\([\w ]+\))?\s+)?use\s+(?P<module>[\w:]+)::)"
        r"(?P<items>\{[^{}]*\}|\w+)(?P<tail>;\s*)$",
        re.S,
    ),
    "javascript": re.compile(
        r"(?P<head>(?:import\s+(?:type\s+)?|const\s+))(?P<items>\{[^{}]*\})"
        r"(?P<tail>\s*(?:from\s*|=\s*require\()['\"](?P<module>[^'\"]+)['\"]\)?;?\s*)$",
        re.S,
    ),
}  # fmt: skip
_WHOLE: Final = {
    "python": re.compile(r"\s*import\s+(?P<module>[\w.]+)(?:\s+as\s+(?P<as>\w+))?\s*(?:#.*)?$"),
    "java": re.compile(r"import\s+(?:static\s+)?(?P<module>[\w.]+\.(?P<as>\w+));\s*$"),
    "go": re.compile(r'(?:import\s+|\s+)(?:(?P<as>\w+)\s+)?"(?P<module>[\w.\-/]+)"\s*$'),
    "javascript": re.compile(
        r"(?:import\s+(?:type\s+)?(?:\*\s+as\s+)?(?P<as>[\w$]+)\s+from\s*|const\s+(?P<as2>[\w$]+)\s*=\s*require\()['\"](?P<module>[^'\"]+)['\"]\)?;?\s*$"
    ),
}
_OPENS: Final = {"python": "(", "rust": "{", "javascript": "{"}
_STARTS: Final = {
    "python": re.compile(r"\s*(?:from|import)\s"),
    "java": re.compile(r"import\s"),
    "go": re.compile(r'import\s+(?:\w+\s+)?"|\s+(?:[\w.]+\s+)?"[\w.\-/]+"\s*$'),
    "rust": re.compile(r"\s*(?:pub(?:\([\w ]+\))?\s+)?use\s"),
    "javascript": re.compile(r"import\s|const\s+(?:\{|[\w$]+\s*=\s*require\()"),
}
_ALIKE: Final = {"typescript": "javascript", "tsx": "javascript"}


@dataclass(frozen=True)
class Statement:
    """An import from line `start` (from 0): `names` come from `module`, in a list or by themselves."""

    start: int
    lines: tuple[str, ...]
    module: str
    names: tuple[str, ...]
    is_list: bool

    @property
    def end(self) -> int:
        """The index of the line behind it."""
        return self.start + len(self.lines)


def language_family(path: str) -> str:
    """The language whose imports a file has, or "" where they are not known."""
    language = language_of(path=path)
    language = _ALIKE.get(language, language)
    return language if language in _STARTS else ""


def statements(lines: Sequence[str], language: str) -> Iterator[Statement]:
    """The imports of a file of a known language, from its beginning."""
    at = 0
    in_block = False
    while at < min(len(lines), _HEAD):
        line = lines[at]
        if language == "go":
            in_block = (in_block or line.startswith("import (")) and not line.startswith(")")
            if line.startswith((" ", "\t")) and not in_block:
                at += 1
                continue
        size = 1
        if _STARTS[language].match(line):
            opens = _OPENS.get(language)
            if opens and opens in line:
                closing = {"(": ")", "{": "}"}[opens]
                while closing not in lines[at + size - 1] and at + size < len(lines) and size < _LONGEST:
                    size += 1
            found = statement(at, lines[at : at + size], language)
            if found:
                yield found
            else:
                size = 1
        at += size


def statement(at: int, lines: Sequence[str], language: str) -> Statement | None:
    """The import that these lines are; None where they are none of a known form."""
    text = "\n".join(lines)
    match = _LIST[language].match(text) if language in _LIST else None
    if match:
        names = [_bound(item) for item in match["items"].strip("(){}\n ").split(",")]
        return Statement(at, tuple(lines), match["module"], tuple(name for name in names if name), True)
    match = _WHOLE[language].match(text) if language in _WHOLE else None
    if match is None or len(lines) > 1:
        return None
    groups = match.groupdict()
    bound = (
        groups.get("as")
        or groups.get("as2")
        or re.split(r"[./]", match["module"])[-1 if language == "go" else 0]
    )
    return Statement(at, tuple(lines), match["module"], (bound,), False)  # fmt: skip


def with_names(found: Statement, added: Sequence[str], language: str) -> tuple[str, ...] | None:
    """The statement's lines with more names in its list, in its order; None where that is not plain."""
    if not found.is_list:
        return None
    if len(found.lines) > 1:
        return _with_lines(found, added)
    match = _LIST[language].match(found.lines[0])
    if match is None:
        return None
    items = match["items"]
    inner = items.strip().lstrip("({").rstrip(")}")
    blank = " " if inner.startswith(" ") else ""
    names = [item.strip() for item in inner.split(",") if item.strip()]
    if "*" in names:
        return None
    comma = "," if inner.rstrip().endswith(",") else ""
    for name in added:
        names = _placed(names, name)
    text = ", ".join(names) + comma
    if language == "rust":
        text = f"{{{blank}{text}{blank}}}"
    elif items.strip().startswith(("(", "{")):
        text = f"{items.strip()[0]}{blank}{text}{blank}{items.strip()[-1]}"
    line = match["head"] + text + match["tail"]
    return (line,) if len(line) <= _WIDEST else None


def _with_lines(found: Statement, added: Sequence[str]) -> tuple[str, ...] | None:
    inner = list(found.lines[1:-1])
    if not inner or any(not line.rstrip().endswith(",") for line in inner[:-1]):
        return None
    if len(inner) == 1 and inner[0].count(",") > 1:
        return None
    comma = inner[-1].rstrip().endswith(",")
    items = [line.strip().rstrip(",") for line in inner]
    if any("," in item for item in items):
        return None
    for name in added:
        items = _placed(items, name)
    indent = indent_of(inner[0])
    lines = [f"{indent}{item}," for item in items]
    if not comma:
        lines[-1] = lines[-1][:-1]
    return (found.lines[0], *lines, found.lines[-1])


def _placed(names: Sequence[str], name: str) -> list[str]:
    """The names with another one, in their order if they have one, else behind them."""
    for key in (str, str.lower, _constants_first):
        if len(names) > 1 and list(names) == sorted(names, key=key):
            return sorted([*names, name], key=key)
    if len(names) == 1:
        return sorted([*names, name], key=_constants_first)
    return [*names, name]


def _constants_first(name: str) -> tuple[int, str]:
    """The order of isort: constants, classes, then the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def place(found: Sequence[Statement], line: str, module: str, language: str) -> int | None:
    """Before which line (from 0) a new import stands among those that are there; None without any."""
    if not found:
        return None
    groups: list[list[Statement]] = []
    for one in found:
        if groups and one.start == groups[-1][-1].end:
            groups[-1].append(one)
        else:
            groups.append([one])
    root = _root(module)
    best = max(groups, key=lambda group: (sum(_root(one.module) == root for one in group), len(group)))
    word = line.split()[0]
    alike = [one for one in best if one.lines[0].split()[0] == word] if language == "python" else best
    if not alike:
        return best[0].start if word == "import" else best[-1].end
    key = line.strip().lower()
    for one in alike:
        if one.lines[0].strip().lower() > key:
            return one.start
    return alike[-1].end


def _root(module: str) -> str:
    if module.startswith("."):
        return "."
    return re.split(r"[./:]", module)[0]


def _bound(item: str) -> str:
    words = item.replace(":", " ").split()
    return words[-1] if words and re.match(r"[\w$]+$", words[-1]) else ""
