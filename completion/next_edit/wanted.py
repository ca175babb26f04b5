"""Imports that a change calls for: of names that are used and bound nowhere, or that came in elsewhere.

Where a name comes from is read from the other files of the moment: one imports it, or defines it and is
itself imported from here. The statement is copied from there, or a name is added to the list that is here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from completion.next_edit.moment import Change, Moment
from completion.next_edit.proposal import Proposal
from completion.next_edit.replay import CHANGES
from completion.next_edit.statements import Statement, language_family, place, statements, with_names
from completion.next_edit.tokens import names_of

WANTED: Final = "wanted-import"
_NAMES: Final = 8  # of one change
_DEFINES: Final = (
    r"^(?:export\s+(?:default\s+)?|pub(?:\([\w ]+\))?\s+|public\s+)?(?:async\s+)?"
    r"(?:def|class|fn|func|function|struct|enum|type|interface|const|trait)\s+{0}\b|^{0}\s*(?::[^=]*)?=[^=]"
)


class _Source(NamedTuple):
    """Where a name can be had: `line` imports it from `module`."""

    module: str
    line: str
    defined: bool  # in one of the files, which does not import it


def wanted(moment: Moment) -> Iterator[Proposal]:
    """The import of every name that the last changes used or brought in, where it is missing."""
    imports = {
        path: list(statements(lines, family)) if (family := language_family(path)) else []
        for path, lines in moment.files.items()
    }
    for age, change in enumerate(moment.recent[::-1][:CHANGES]):
        family = language_family(change.path)
        names = _brought(change)
        if not family or not names:
            continue
        for path, lines in moment.files.items():
            if language_family(path) != family:
                continue
            yield from _missing(moment, age, change, names, path, lines, imports, family)


def _brought(change: Change) -> list[str]:
    old = {name for line in (*change.old, *change.before, *change.after) for name in names_of(line)}
    new = {name: None for line in change.new for name in sorted(names_of(line)) if name not in old}
    return sorted(new, key=lambda name: (-len(name), name))[:_NAMES]


def _missing(
    moment: Moment,
    age: int,
    change: Change,
    names: Sequence[str],
    path: str,
    lines: Sequence[str],
    imports: Mapping[str, Sequence[Statement]],
    family: str,
) -> Iterator[Proposal]:
    bound = {name for one in imports[path] for name in one.names}
    used = {name for name in names if any(name in line and name in names_of(line) for line in lines)}
    by_module: dict[str, list[tuple[str, _Source]]] = {}
    for name in names:
        if name in bound or _defines(lines, name):
            continue
        source = _source(moment, imports, name, path, change, family)
        if source and (name in used or path != change.path):
            by_module.setdefault(source.module, []).append((name, source))
    for module, found in by_module.items():
        chosen = [found, *([one] for one in found)] if len(found) > 1 else [found]
        for part in chosen:
            edit = _edit(imports[path], [name for name, _ in part], part[0][1], module, family)
            if edit is None or moment.is_recent(path, edit[0] + 1, edit[0] + 1 + edit[1]):
                continue
            at, count, new, form = edit
            evidence = {
                "own": float(path == change.path),
                "used": float(any(name in used for name, _ in part)),
                "defined": float(part[0][1].defined),
                "list": float(form == "list"),
                "again": float(form == "again"),
                "several": float(len(part) > 1),
                "sources": 1 / len(by_module),
                "test": float("test" in path.lower()),
                "imported": float(
                    any(name in line for line in change.new for name, _ in part if _is_import(line))
                ),
            }
            yield Proposal(path, at + 1, count, new, WANTED, age, evidence)


def _is_import(line: str) -> bool:
    return bool(re.match(r"\s*(?:import|from|use)\b", line))


def _defines(lines: Sequence[str], name: str) -> bool:
    pattern = re.compile(_DEFINES.format(re.escape(name)))
    return any(name in line and pattern.match(line) for line in lines)


def _source(
    moment: Moment,
    imports: Mapping[str, Sequence[Statement]],
    name: str,
    path: str,
    change: Change,
    family: str,
) -> _Source | None:
    """Where a name comes from, as the other files tell; in Python, a module of the library by its name."""
    for other, found in imports.items():
        if other == path or language_family(other) != family:
            continue
        for one in found:
            if name in one.names and (not one.module.startswith(".") or _folder(other) == _folder(path)):
                return _Source(one.module, "\n".join(one.lines), False)
    for other, lines in moment.files.items():
        if other != path and language_family(other) == family and _defines(lines, name):
            stem = PurePosixPath(other).stem
            for one in imports[path]:
                last = re.split(
                    r"[./:]+", re.sub(r"\.\w+$", "", one.module) if family == "javascript" else one.module
                )[-1]
                if one.is_list and (
                    last == stem
                    or (stem in ("mod", "index", "__init__") and last == PurePosixPath(other).parent.name)
                ):
                    return _Source(one.module, "", True)  # fmt: skip
    if family == "python" and name in sys.stdlib_module_names and path == change.path:
        if not any(re.search(rf"\b{name}\.\w", line) for line in change.new):
            return None
        return _Source(name, f"import {name}", False)
    return None


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _edit(
    found: Sequence[Statement], names: Sequence[str], source: _Source, module: str, family: str
) -> tuple[int, int, tuple[str, ...], str] | None:
    """Which lines become which (from 0), and in what form the names come in."""
    for one in found:
        if one.module == module and one.is_list:
            new = with_names(one, names, family)
            if new:
                return one.start, len(one.lines), new, "list"
    if not source.line or "\n" in source.line:
        return None
    line = _alone(source.line, names, module, family)
    at = place(found, line, module, family)
    return None if at is None else (at, 0, (line,), "line")


def _alone(line: str, names: Sequence[str], module: str, family: str) -> str:
    """A statement that brings in these names and no others."""
    listed = ", ".join(names)
    if family == "python" and line.lstrip().startswith("from"):
        return f"from {module} import {listed}"
    if family == "rust":
        return f"use {module}::{listed if len(names) == 1 else '{' + listed + '}'};"
    if family == "javascript" and "{" in line:
        return re.sub(r"\{[^{}]*\}", f"{{ {listed} }}" if "{ " in line else f"{{{listed}}}", line)
    return line
