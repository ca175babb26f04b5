"""Imports that a change left behind: names that stand nowhere but in the statement that brings them in.

Read line by line with the few forms that imports have in practice, because files being edited rarely parse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from completion.next_edit.moment import Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from text.languages import language_of

_WORD: Final = re.compile(r"[^\W\d]\w*")
_ITEM: Final = re.compile(r"(?:type\s+)?[\w.]+(?:\s+as\s+(\w+)|\s*:\s*(\w+))?$")
_SINGLE: Final = {
    "python": re.compile(r"\s*import\s+(?:[\w.]+\s+as\s+)?(\w+)\s*(?:#.*)?$"),
    "java": re.compile(r"import\s+(?:static\s+)?[\w.]+\.(\w+);\s*$"),
    "go": re.compile(r'\s*(?:import\s+)?(?:(\w+)\s+)?"(?:[\w.\-/]*/)?([\w\-]+?)(?:/v\d+)?"\s*$'),
    "rust": re.compile(r"\s*(?:pub\s+)?use\s+[\w:]+::(?:\w+\s+as\s+)?(\w+);\s*$"),
    "javascript": re.compile(
        r"(?:import\s+(?:type\s+)?(?:\*\s+as\s+)?(\w+)\s+from\s.*|(?:const|let|var)\s+(\w+)\s*=\s*require\(.*\)(?:\.\w+)*;?\s*)$"
    ),
}
_SEVERAL: Final = {
    "python": re.compile(
        r"(?P<head>\s*from\s+[\w.]+\s+import\s+\(?)(?P<items>[\w\s.,]+?)(?P<tail>\)?\s*(?:#.*)?)$"
    ),
    "rust": re.compile(r"(?P<head>\s*(?:pub\s+)?use\s+[\w:]+::\{)(?P<items>[\w\s,]+)(?P<tail>\};\s*)$"),
    "javascript": re.compile(
        r"(?P<head>(?:import\s+(?:type\s+)?|const\s+|let\s+|var\s+)\{)(?P<items>[\w\s.,:$]+)(?P<tail>\}\s*(?:from\s|=\s*require).*)$"
    ),
}
_OPENED: Final = {
    "python": (re.compile(r"\s*from\s+[\w.]+\s+import\s+\(\s*$"), ")"),
    "javascript": (re.compile(r"import\s+(?:type\s+)?\{\s*$"), "}"),
    "rust": (re.compile(r"\s*(?:pub\s+)?use\s+[\w:]+::\{\s*$"), "}"),
}
_ALIKE: Final = {"typescript": "javascript", "tsx": "javascript"}
_KEPT: Final = re.compile(r"__future__|noqa|eslint-disable|__init__")
_HEAD: Final = 400  # lines in which imports are looked for


class Unused(NamedTuple):
    """A line of imports without the names that stand nowhere else; `line` is None where none is left."""

    number: int
    line: str | None
    names: tuple[str, ...]


def unused_imports(lines: Sequence[str], language: str) -> Iterator[Unused]:
    """Lines with names that are imported and not used; in a language without imports of names, none."""
    language = _ALIKE.get(language, language)
    if language not in _SINGLE:
        return
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(_WORD.findall(line))
    closing = ""
    for number, line in enumerate(lines[:_HEAD], 1):
        if _KEPT.search(line):
            continue
        if closing:
            items = [item.strip() for item in line.split(",") if item.strip()]
            if line.strip().startswith(closing):
                closing = ""
            elif len(items) == 1 and (name := _bound(items[0])) and counts[name] == 1:
                yield Unused(number, None, (name,))
            continue
        opened = _OPENED.get(language)
        if opened and opened[0].match(line):
            closing = opened[1]
        elif single := _SINGLE[language].match(line):
            name = next((group for group in single.groups() if group), "")
            if language == "go" and not _in_go_import(lines, number):
                continue
            if name and counts[name] == 1 + (language == "go" and single[1] is not None):
                yield Unused(number, None, (name,))
        elif language in _SEVERAL and (several := _SEVERAL[language].match(line)):
            yield from _of_several(number, several, counts)


def removals(moment: Moment) -> Iterator[Proposal]:
    """The removal of every unused import in the files, lines that follow each other in one proposal."""
    recent = moment.recent[::-1][:CHANGES]
    gone = [
        set(_WORD.findall("\n".join(change.old))) - set(_WORD.findall("\n".join(change.new)))
        for change in recent
    ]
    for path, lines in moment.files.items():
        if path.endswith("__init__.py"):
            continue
        found = list(unused_imports(lines, language_of(path=path)))
        found = [one for one in found if not moment.is_recent(path, one.number, one.number + 1)]
        for run in _runs(found):
            first, last = run[0].number, run[-1].number
            new = tuple(one.line for one in run if one.line is not None)
            names = {name for one in run for name in one.names}
            age = next((age for age, dropped in enumerate(gone) if names & dropped), None)
            evidence = {
                "dropped": float(age is not None),
                "places": 1 / len(found),
                "lines": min(len(run) / 4, 1.0),
            }
            yield Proposal(path, first, last + 1 - first, new, "unused-import", age or 0, evidence)


def _of_several(number: int, match: re.Match[str], counts: Counter[str]) -> Iterator[Unused]:
    items = [item.strip() for item in match["items"].split(",")]
    used = [item for item in items if item and counts[_bound(item)] != 1]
    names = tuple(_bound(item) for item in items if item and item not in used)
    if not names:
        return
    if not used:
        yield Unused(number, None, names)
        return
    text = match["items"]
    blanks = text[: len(text) - len(text.lstrip())], text[len(text.rstrip().rstrip(",")) :]
    yield Unused(number, match["head"] + blanks[0] + ", ".join(used) + blanks[1] + match["tail"], names)


def _bound(item: str) -> str:
    """The name that an item of an import brings in, or "" where it is of another form."""
    match = _ITEM.match(item)
    if not match:
        return ""
    return match[1] or match[2] or item.split()[-1]


def _in_go_import(lines: Sequence[str], number: int) -> bool:
    if lines[number - 1].lstrip().startswith("import"):
        return True
    for line in reversed(lines[: number - 1]):
        if line.startswith("import ("):
            return True
        if line.startswith((")", "func", "type", "var", "const")):
            return False
    return False


def _runs(found: Sequence[Unused]) -> Iterator[list[Unused]]:
    """Lines that follow each other directly."""
    run: list[Unused] = []
    for one in found:
        if run and one.number != run[-1].number + 1:
            yield run
            run = []
        run.append(one)
    if run:
        yield run
