"""Which files `tacit bugs` looks at: those that are named, or those that differ from a commit."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bug_finder.dismissed import project_of
from bug_finder.review_git import Changed, Tree
from retrieval.walk import code_files
from text.languages import language_of


@dataclass(frozen=True)
class Target:
    """A file: where it lies, its path in its project, how it is told; and what it was before the change."""

    place: Path
    path: str
    name: str
    before: Callable[[], bytes | None] | None = None  # None: no change is reviewed


def named(paths: Sequence[Path]) -> list[Target]:
    """The files that are named, and those in the folders that are, by git's rules of what to ignore."""
    found: dict[Path, Target] = {}
    for path in paths:
        if path.is_dir():
            project = project_of(path.resolve())
            for root, inner in code_files(path):
                found.setdefault(root / inner, _target(root / inner, project, str(path / inner)))
        else:
            place = Path(os.path.abspath(path))
            found.setdefault(place, _target(place, project_of(place), str(path)))
    return list(found.values())


def _target(place: Path, project: Path, name: str) -> Target:
    return Target(place, _relative(place, project), name.replace(os.sep, "/"))


def changed(paths: Sequence[Path], rev: str) -> list[Target]:
    """The files that differ from a commit, as far as they are among `paths`. Raises GitError."""
    first = paths[0] if paths else Path()
    tree = Tree(first if first.is_dir() else first.parent, rev)
    among = [path.resolve() for path in paths]
    return [
        Target(each.path, _relative(each.path, tree.root), _name(each.path), _reader(tree, each))
        for each in tree.changed()
        if language_of(path=each.path.name)
        and (not among or any(each.path.resolve().is_relative_to(path) for path in among))
    ]


def _reader(tree: Tree, changed: Changed) -> Callable[[], bytes | None]:
    return lambda: None if changed.before is None else tree.before(changed.before)


def _relative(place: Path, root: Path) -> str:
    try:
        return place.relative_to(root).as_posix()
    except ValueError:
        return place.name


def _name(place: Path) -> str:
    """How a file is told: from here, if it lies below."""
    try:
        return place.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return place.as_posix()
