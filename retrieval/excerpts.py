"""Definitions from other files, for a model that writes in one: signatures and fields, without the bodies.

Which ones is told by names: those that stand near the cursor, and those that the file imports. A name alone
says little where several files define it, so a definition counts only if the file imports it, or from there,
or lies beside it. What is shown is read from the files; of what touches a secret nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import apsw
import msgspec
import numpy as np

from retrieval.snapshot import Snapshot
from text.languages import language_of
from text.secrets import secrets

NAMES = 150  # that are looked up
FIELDS = 12  # lines of a type that are shown
MEMBERS = 24  # methods of a class
WIDTH = 200  # characters of a signature
SAME_NAMED = 2  # definitions of one name that are as good; of more, none is shown
_ENOUGH = 2  # points

_FAMILIES = {"typescript": "javascript", "tsx": "javascript", "cpp": "c"}
_BESIDE = {"go": 2, "java": 2, "c": 2}  # points for the same folder, which is the same package
_FOLDERS_OWN = frozenset(["index", "mod", "__init__", "lib", "main"])  # files that are called by their folder
_COMMENT = re.compile(
    r"""[rRuUbB]{0,2}(\"{3}|'{3}).*?\1|/\*.*?\*/|^\s*(?://|#(?!\[|\s*(?:include|define|if|endif))).*?$""",
    re.DOTALL | re.MULTILINE,
)


class Wish(msgspec.Struct, frozen=True):
    """What a document could use: `names` with their weights, and the words of its import statements."""

    path: str  # from the workspace folder
    names: Mapping[str, float]
    imported: frozenset[str]


class Excerpt(msgspec.Struct, frozen=True):
    """A definition at a line (from 0) of another file, as far as it is shown."""

    path: str
    line: int
    text: str
    score: float


class _Definition(NamedTuple):
    path: str
    context: str
    kind: str
    signature: str
    line: int
    end_line: int


Read = Callable[[str], str | None]
"""The text of a file, by its path from the workspace folder; None where there is none."""


def excerpts(connection: apsw.Connection, snapshot: Snapshot, wish: Wish, read: Read) -> list[Excerpt]:
    """The definitions that `wish` is for, the best first."""
    found: dict[tuple[str, int], Excerpt] = {}
    names = sorted(wish.names, key=lambda name: (-wish.names[name], name))
    for name in names[:NAMES]:
        rated = [
            (points, each)
            for each in _definitions(connection, snapshot, name)
            if (points := _points(each, name, wish)) >= _ENOUGH
        ]
        best = [each for points, each in rated if points == max(rated)[0]]
        if len({each.path for each in best}) > SAME_NAMED:
            continue
        for each in best:
            text = _shown(connection, snapshot, each, read) if (each.path, each.line) not in found else ""
            if text:
                score = wish.names[name] * max(rated)[0]
                found[each.path, each.line] = Excerpt(each.path, each.line, text, score)
    return sorted(found.values(), key=lambda each: -each.score)


def _definitions(connection: apsw.Connection, snapshot: Snapshot, name: str) -> Iterator[_Definition]:
    """Those at the top of a file that are called exactly so."""
    rows: list[Any] = connection.execute(
        "select c.id, c.context, c.kind, c.signature, c.head from symbol s join chunk c on c.id = s.chunk"
        " where s.name = ? and c.head >= 0 and c.context = ?",
        (name.lower(), name),
    ).fetchall()
    for id, context, kind, signature, head in rows:
        if snapshot.holds(np.array([id]))[0]:
            for row in snapshot.rows_of(np.array([id])):
                _, _, _, line, end_line = snapshot.chunks[row].tolist()
                path = snapshot.paths[snapshot.path_of[row]]
                yield _Definition(path, context, kind, signature, line + head, end_line)


def _points(each: _Definition, name: str, wish: Wish) -> int:
    """How probable it is that the name means this definition."""
    own = family(wish.path)
    if each.path == wish.path or family(each.path) != own:
        return 0
    path = PurePosixPath(each.path)
    beside = path.parent == PurePosixPath(wish.path).parent
    return (
        2 * (name in wish.imported)
        + 2 * bool(_modules(path) & wish.imported)
        + beside * _BESIDE.get(own, 1)
        - ("test" in each.path.lower() and "test" not in wish.path.lower())
    )


def family(path: str) -> str:
    """The language of a file, those that use each other's definitions taken as one."""
    language = language_of(path=path)
    return _FAMILIES.get(language, language)


def _modules(path: PurePosixPath) -> set[str]:
    """What an import statement may call the file."""
    stem = path.name.partition(".")[0]
    return {path.parent.name} if stem in _FOLDERS_OWN or path.suffix == ".go" else {stem}


def _shown(connection: apsw.Connection, snapshot: Snapshot, each: _Definition, read: Read) -> str:
    """A function's signature; the fields of a type; of a class both, its own and its methods'."""
    if each.kind in ("function", "method"):
        return each.signature[:WIDTH]
    text = read(each.path)
    if text is None:
        return ""
    lines = text.split("\n")
    end = each.end_line
    members = [] if each.kind == "type" else _members(connection, snapshot, each)
    end = min([end, *(line for line, _ in members)])
    start = sum(len(line) + 1 for line in lines[: each.line])
    own = "\n".join(lines[each.line : end])
    if any(at < start + len(own) and start < until for at, until in secrets(text)):
        return ""
    fields = [line.rstrip() for line in _COMMENT.sub("", own).split("\n") if line.strip()][:FIELDS]
    while fields and members and fields[-1].lstrip().startswith(("@", "#[")):
        fields.pop()  # decorators of the first method
    return "\n".join([*fields, *(f"    {signature[:WIDTH]}" for _, signature in members[:MEMBERS])])


def _members(connection: apsw.Connection, snapshot: Snapshot, each: _Definition) -> list[tuple[int, str]]:
    """The lines and signatures of the public methods of a class."""
    chunks = snapshot.chunks_of(each.path)
    marks = ",".join("?" * len(chunks))
    ids = [chunk[0] for chunk in chunks]
    rows: list[Any] = connection.execute(
        f"select id, context, signature, head from chunk where head >= 0 and id in ({marks})", ids
    ).fetchall()
    about = {id: told for id, *told in rows}
    found = []
    for id, _, _, line, _ in chunks:
        context, signature, head = about.get(id, ("", "", 0))
        outer, _, name = context.rpartition(".")
        hidden = (name.startswith("_") and name != "__init__") or signature.startswith("private")
        if outer == each.context and not hidden:
            found.append((line + head, signature))
    return found
