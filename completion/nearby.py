"""What of other files could help here: by the names near the cursor, and those that the file imports.

Read without a parser, as a file that is being written rarely parses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from completion.prompt import Excerpt
from completion.window import Count, count_lines
from text.document import Document
from text.secrets import redacted

_HEAD: Final = 300  # lines in which imports are looked for
_ABOVE: Final = 40  # lines around the cursor
_BELOW: Final = 15
_SHORTEST: Final = 3
_IMPORTED: Final = 0.05  # what a name counts that is imported and not used near the cursor
_NAME: Final = re.compile(r"[^\W\d][\w$]*")
_IMPORT: Final = re.compile(
    r"\s*(?:pub(?:\([\w ]+\))?\s+)?"
    r"(?:(?:from|import|use)\b|#\s*include|export\s+[*{]|(?:const|let|var)\s(?:.*require\(|\s*\{\s*$))"
)


def imported(document: Document) -> frozenset[str]:
    """Return the words of the import statements: names, and the parts of modules' names."""
    words = {word for number in import_lines(document) for word in _NAME.findall(document.line(number))}
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def import_lines(document: Document) -> Iterator[int]:
    """Return the lines of the import statements, which may be several for one."""
    open_brackets = 0
    for number in range(min(_HEAD, document.line_count)):
        line = document.line(number)
        if open_brackets or _IMPORT.match(line):
            yield number
            closed = sum(map(line.count, ")}"))
            open_brackets = max(0, open_brackets + sum(map(line.count, "({")) - closed)


def names_near(document: Document, offset: int, among: frozenset[str] = frozenset()) -> dict[str, float]:
    """Return the names around a cursor, and those `among`, each with its weight: the nearer, the more."""
    cursor, column = document.position(offset)
    weights = dict.fromkeys(among, _IMPORTED)
    for number in range(max(0, cursor - _ABOVE), min(cursor + _BELOW, document.line_count)):
        line = document.line(number)
        away = (cursor - number) / 10 if number <= cursor else (number - cursor) / 5
        for name in _NAME.findall(line[:column] if number == cursor else line):
            if len(name) >= _SHORTEST:
                weights[name] = max(weights.get(name, 0.0), 1 / (1 + away))
    return weights


def fitting(excerpts: Sequence[Excerpt], most: int, count: Count) -> tuple[Excerpt, ...]:
    """Return the best that fit into `most` tokens, one for each file, in an order that scores do not change.

    They stand first in a prompt: whatever changes in them has the whole prompt read anew.
    """
    files: dict[str, list[Excerpt]] = defaultdict(list)
    left = most
    for excerpt in sorted(excerpts, key=lambda each: -each.score):
        name = f"{excerpt.path}\n" if excerpt.path not in files else ""
        tokens = count_lines(f"{name}{excerpt.text}\n", count)
        if tokens <= left:
            files[excerpt.path].append(excerpt)
            left -= tokens
    shown = {path: sorted(files[path], key=lambda each: each.line) for path in sorted(files)}
    return tuple(
        Excerpt(path, "\n".join(redacted(each.text) for each in found)) for path, found in shown.items()
    )
