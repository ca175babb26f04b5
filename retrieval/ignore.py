"""Which paths are ignored, by git's own rules, and by `.tacitignore` on top of them.

Patterns are git's (`gitignore(5)`, `wildmatch.c`), as regular expressions over the bytes of a path. The
last pattern of a list that matches decides. Of the lists it is the one nearest to the path that has such a
pattern, then `info/exclude`, then the file of `core.excludesFile`. What an ignored folder holds is ignored,
and its own lists are not read. Whether git tracks a path makes no difference.

`.tacitignore` files have the same form and come before all of these: they can ignore more, and what they
name with `!` is included, an ignored folder together with what it holds.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

GIT = ".gitignore"
TACIT = ".tacitignore"

# What no search is for, in projects that have no ignore files; a `.tacitignore` can name them with `!`.
DEFAULTS = (
    b"node_modules/\nbower_components/\n__pycache__/\n.venv/\nvenv/\n.tox/\n.nox/\n.eggs/\n*.egg-info/\n"
    b".mypy_cache/\n.pytest_cache/\n.ruff_cache/\n.gradle/\n.next/\n.nuxt/\n.terraform/\n.cache/\n"
)


class Pattern(NamedTuple):
    """One line of an ignore file."""

    line: bytes
    includes: bool  # it began with `!`
    folders_only: bool
    by_name: bool  # compared with the last part of the path only
    regex: re.Pattern[bytes]


class Patterns:
    """The patterns of one file; `base` is the folder it lies in, relative to the root: b"" or b"a/b/"."""

    def __init__(self, data: bytes, base: bytes = b"", ignore_case: bool = False) -> None:
        self.base = base
        self._ignore_case = ignore_case
        self._patterns = list(parse(data, ignore_case))[::-1]
        self._any = _union(self._patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def verdict(self, path: bytes, folder: bool) -> bool | None:
        """True: ignored; False: included in so many words; None: nothing said. `path` is below `base`."""
        inner = path[len(self.base) :]
        if self._ignore_case:
            inner = inner.lower()
        name = inner[inner.rfind(b"/") + 1 :]
        if not (self._any.fullmatch(inner) or self._any.fullmatch(b"/" + name)):
            return None
        for each in self._patterns:
            if (folder or not each.folders_only) and each.regex.fullmatch(name if each.by_name else inner):
                return not each.includes
        return None


def parse(data: bytes, ignore_case: bool = False) -> Iterator[Pattern]:
    """The patterns of an ignore file, in order; lines that can match nothing give none.

    With `ignore_case` they are for paths whose ASCII letters are small.
    """
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line or line.startswith(b"#"):
            continue
        text = _without_trailing_spaces(line.removesuffix(b"\r"))
        includes = text.startswith(b"!")
        text = text[includes:]
        folders_only = text.endswith(b"/")
        text = text[: len(text) - folders_only]
        by_name = b"/" not in text
        regex = to_regex(text.removeprefix(b"/"), by_name, ignore_case)
        if text and regex is not None:
            yield Pattern(text, includes, folders_only, by_name, re.compile(regex, re.DOTALL))


def to_regex(glob: bytes, by_name: bool, ignore_case: bool = False) -> bytes | None:
    """A glob as git's wildmatch takes it; None where it is malformed and so matches nothing.

    `by_name`: the text has no slashes. `ignore_case`: its letters are small. Then so are the glob's, but for
    those behind a backslash or alone in a set, which git compares as they are: they match nothing.

    git compares what stands before the first special character literally and takes the rest for a glob of its
    own, so `**` right there counts as if it came after a slash.
    """
    found: list[bytes] = []
    literal = bytes.lower if ignore_case else bytes
    start = re.search(rb"[*?\[\\]|$", glob)
    assert start is not None
    at = begin = start.start()
    found.append(re.escape(literal(glob[:at])))
    while at < len(glob):
        char = glob[at : at + 1]
        at += 1
        if char == b"*":
            stars = at - 1
            while glob[at : at + 1] == b"*":
                at += 1
            opens = stars == begin or glob[stars - 1 : stars] == b"/"
            closes = at == len(glob) or glob[at : at + 1] == b"/" or glob[at : at + 2] == b"\\/"
            if by_name:
                found.append(b".*")
            elif at - stars > 1 and opens and closes:
                if glob[at : at + 1] == b"/":
                    at += 1
                    found.append(b"(?:.*/)?")
                else:
                    found.append(b".*")
            else:
                found.append(b"[^/]*")
        elif char == b"?":
            found.append(b"." if by_name else b"[^/]")
        elif char == b"[":
            bracket = _bracket(glob, at, ignore_case)
            if bracket is None:
                return None
            regex, at = bracket
            found.append(regex)
        elif char == b"\\":
            if at == len(glob):
                return None
            found.append(re.escape(glob[at : at + 1]))
            at += 1
        else:
            found.append(re.escape(literal(char)))
    return b"".join(found)


_UPPER = string.ascii_uppercase.encode()
_CLASSES = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\v\f\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}


def _bracket(glob: bytes, at: int, ignore_case: bool) -> tuple[bytes, int] | None:
    """The set that begins behind `[` at `at` as a regex that never matches a slash, and where it ends."""
    negated = glob[at : at + 1] in (b"!", b"^")
    at += negated
    members: list[bytes] = []
    previous = -1  # the character a range could begin with
    first = True
    while first or glob[at : at + 1] != b"]":
        first = False
        if at >= len(glob):
            return None
        char = glob[at]
        if char == ord("\\"):
            at += 1
            if at >= len(glob):
                return None
            char = glob[at]
            members.append(_escape(char))
            previous = char
        elif char == ord("-") and previous > 0 and at + 1 < len(glob) and glob[at + 1] != ord("]"):
            at += 1
            if glob[at] == ord("\\"):
                at += 1
                if at >= len(glob):
                    return None
            if previous <= glob[at]:
                members.append(_escape(previous) + b"-" + _escape(glob[at]))
                if ignore_case and (letters := _UPPER[max(previous - 65, 0) : max(glob[at] - 64, 0)]):
                    members.append(letters.lower())
            previous = -1
        elif char == ord("[") and glob[at + 1 : at + 2] == b":":
            end = glob.find(b"]", at + 2)
            if end < 0:
                return None
            if end > at + 2 and glob[end - 1 : end] == b":":
                members_of_class = _CLASSES.get(glob[at + 2 : end - 1])
                if members_of_class is None:
                    return None
                members.append(members_of_class.lower() if ignore_case else members_of_class)
                at = end
                previous = -1
            else:
                members.append(rb"\[")
                previous = char
        else:
            members.append(_escape(char))
            previous = char
        at += 1
    if not members:
        return (b"[^/]" if negated else b"(?!)"), at + 1
    return b"(?!/)[" + (b"^" if negated else b"") + b"".join(members) + b"]", at + 1


def _escape(char: int) -> bytes:
    return b"\\x%02x" % char


def _without_trailing_spaces(line: bytes) -> bytes:
    """Spaces at the end are dropped, but for one behind a backslash."""
    match = re.fullmatch(rb"((?:\\.|[^\\ ]| +(?=[^ ]))*\\?) *", line, re.DOTALL)
    return match[1] if match else line


def _union(patterns: Sequence[Pattern]) -> re.Pattern[bytes]:
    """Matches wherever one of them might: an inner path, or a name behind a slash."""
    each = [(b"/" if one.by_name else b"") + b"(?:" + one.regex.pattern + b")" for one in patterns]
    flags = patterns[0].regex.flags & ~re.UNICODE if patterns else 0
    return re.compile(b"|".join(each) or b"(?!)", flags)


class Ignore:
    """What is ignored in one folder, given all the lists from the root down to it."""

    def __init__(
        self, git: tuple[Patterns, ...], tacit: tuple[Patterns, ...] = (), *, ignore_case: bool = False
    ) -> None:
        """`ignore_case`: how the lists of folders further inside are meant, git's `core.ignoreCase`."""
        self._git = git
        self._tacit = tacit
        self._ignore_case = ignore_case

    def inside(self, folder: Path, base: bytes) -> Ignore:
        """For the folder at `base` (b"" or b"a/b/"), which lies at `folder`, with the lists it holds."""
        git, tacit = (_read(folder / name, base, self._ignore_case) for name in (GIT, TACIT))
        if not git and not tacit:
            return self
        return Ignore((*self._git, *git), (*self._tacit, *tacit), ignore_case=self._ignore_case)

    def ignores(self, path: bytes, folder: bool) -> bool:
        """Whether a path in this folder, relative to the root and without a slash at its end, is ignored."""
        said = _last(self._tacit, path, folder) if self._tacit else None
        if said is None:
            said = _last(self._git, path, folder)
        return bool(said)


def _last(lists: tuple[Patterns, ...], path: bytes, folder: bool) -> bool | None:
    for each in reversed(lists):
        said = each.verdict(path, folder)
        if said is not None:
            return said
    return None


def _read(path: Path, base: bytes, ignore_case: bool) -> list[Patterns]:
    """The list in a file, if there is one that is a file; git does not follow links here."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return []
    with os.fdopen(handle, "rb") as file:
        try:
            patterns = Patterns(file.read(), base, ignore_case)
        except OSError:  # a folder
            return []
    return [patterns] if patterns else []
