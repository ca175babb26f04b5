"""Definitions that were given another name: their uses, also in files that nobody has open, are to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal

LATEST: Final = 3  # changes, one of which has the new name: the user is still at it
_SHORTEST: Final = 3  # characters of a name
_LONGEST: Final = 400  # characters of a line; longer ones are data
_MODIFIER: Final = (
    r"(?:export|default|declare|public|private|protected|internal|static|final|abstract|async|virtual"
    r"|override|inline|unsafe|extern|readonly|pub(?:\([\w: ]+\))?)\s+"
)
_KEYWORD: Final = (
    r"(?:def|class|fn|func|function\*?|struct|enum|union|type|interface|trait|const|let|var|val|object)\s+"
)
_DEFINED: Final = (
    re.compile(rf"\s*(?:{_MODIFIER})*{_KEYWORD}(?:\([^)]*\)\s*)?(?:mut\s+|class\s+)?([^\W\d]\w*)"),
    re.compile(r"([^\W\d]\w*)\s*(?::[^=]+)?=(?!=)"),  # at the top of a file
    # A method or function with its types before the name, or in a class, up to the brace.
    re.compile(rf"\s*(?:{_MODIFIER})*(?:[\w<>\[\],.:?&*]+\s+[&*]*)*([^\W\d]\w*)\s*\([^;]*\{{\s*$"),
)
_NO_NAMES: Final = frozenset(["if", "for", "while", "switch", "catch", "return", "new", "function", "with"])


class Renamed(NamedTuple):
    """A definition of `path` that was called `old`."""

    path: str
    old: str
    new: str


def renamed(changes: Sequence[Change]) -> Iterator[Renamed]:
    """The definitions that `changes`, oldest first, gave another name, as long as the user is at it.

    Newest first.
    """
    latest = "\n".join(line for change in changes[-LATEST:] for line in change.new)
    for change in reversed(changes):
        before, after = _defined(change.old), _defined(change.new)
        if len(before) != len(after):
            continue
        for old, new in zip(before, after, strict=True):
            if old in after or new in before or min(len(old), len(new)) < _SHORTEST:
                continue
            if re.search(rf"\b{re.escape(new)}\b", latest):
                yield Renamed(change.path, old, new)


def accepted(moment: Moment, proposal: Proposal) -> int:
    """How many next edits were accepted that changed uses of a renamed definition, if this does so too.

    Both do nothing else, and the file that it is defined in does not know the old name any more.
    """
    old = moment.files[proposal.path][proposal.start - 1 : proposal.end - 1]
    for name in renamed(moment.changes):
        word = re.compile(rf"(?<![\w$]){re.escape(name.old)}(?![\w$])")
        gone = not any(word.search(line) for line in moment.files.get(name.path, ()))
        if gone and _follows(word, name.new, old, proposal.new):
            return sum(
                change.by_model and _follows(word, name.new, change.old, change.new)
                for change in moment.changes
            )
    return 0


def _follows(word: re.Pattern[str], name: str, old: Sequence[str], new: Sequence[str]) -> bool:
    return list(old) != list(new) == [word.sub(name, line) for line in old]


def _defined(lines: Sequence[str]) -> list[str]:
    """What these lines define, in order."""
    found = []
    for line in lines:
        if len(line) > _LONGEST:
            continue
        name = next((match[1] for pattern in _DEFINED if (match := pattern.match(line))), "")
        if name and name not in _NO_NAMES:
            found.append(name)
    return found
