"""The files of a workspace that may be searched: what is there, less what is ignored, secret or too large.

Links are not followed, so there are no loops; a link that is opened as a workspace counts as what it points
to. A work tree within another (a submodule, a clone) goes by its own rules. What has a name that is not text
is left out. Files are not opened here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from retrieval.git import WorkTree, base_rules, work_tree, work_tree_around
from retrieval.ignore import GIT, TACIT, Ignore
from text.languages import language_of
from text.secrets import is_secret_name

log = logging.getLogger("tacit.index")

_NEVER = frozenset([".git", ".hg", ".svn", ".jj", ".bzr", "CVS", ".DS_Store"])
_RULES = frozenset([GIT, TACIT, ".git"])  # whose presence changes what is ignored in a folder


class Limits(msgspec.Struct, frozen=True):
    """What is left out for its size."""

    code_bytes: int = 4 << 20  # of a file in a language that is understood
    text_bytes: int = 256 << 10  # of any other: beyond that it is data
    depth: int = 64  # folders within folders
    files: int = 500_000


class Stat(NamedTuple):
    """What tells, without reading a file, that it is the one it was."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, result: os.stat_result) -> Stat:
        """The part of a stat that counts."""
        return cls(result.st_size, result.st_mtime_ns, result.st_ctime_ns, result.st_ino)


DEFAULT_LIMITS = Limits()


class Found(NamedTuple):
    """A file: its path from the root, with slashes, and its stat."""

    path: str
    stat: Stat


class Walker:
    """Walks one workspace folder."""

    def __init__(self, root: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self.root = Path(os.path.realpath(root))
        self.limits = limits
        self._tree: WorkTree | None = work_tree_around(self.root)
        above = self.root.relative_to(self._tree.root) if self._tree else Path()
        # The root's place in its work tree, "" or "a/b/": git's rules speak of paths from there.
        self._above = "" if above == Path() else above.as_posix() + "/"

    def walk(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Found]:
        """Every file; ends early once `stopped`."""
        for count, found in enumerate(self._below("", self._rules(), 0, stopped)):
            if count >= self.limits.files:
                log.warning("%s has over %d files; the others are not indexed", self.root, count)
                return
            yield found

    def look(self, path: str) -> list[Found]:
        """What `walk` finds at `path`: one file, or those in a folder, or nothing."""
        rules = self._rules()
        folder = ""
        *folders, last = path.split("/")
        for name in folders:
            rules = self._rules_inside(folder, rules)
            if _kind(self.root / folder / name) != "folder" or not self._wanted(
                name, folder + name, True, rules
            ):
                return []
            folder += name + "/"
        rules = self._rules_inside(folder, rules)
        kind = _kind(self.root / path)
        if (
            not kind
            or len(folders) > self.limits.depth
            or not self._wanted(last, path, kind == "folder", rules)
        ):
            return []
        if kind == "folder":
            return list(self._below(path + "/", rules, len(folders) + 1, lambda: False))
        with contextlib.suppress(OSError):
            return self._file(path, os.lstat(self.root / path))
        return []

    def wants(self, path: str) -> bool:
        """Whether the rules allow a file at `path`; it need not be there."""
        rules, folder = self._rules(), ""
        *folders, last = path.split("/")
        for name in folders:
            rules = self._rules_inside(folder, rules)
            if not self._wanted(name, folder + name, True, rules):
                return False
            folder += name + "/"
        return self._wanted(last, path, False, self._rules_inside(folder, rules))

    def _rules(self) -> Ignore:
        """The rules at the root: those of the folders above it too, as far as they are one work tree."""
        rules = base_rules(self._tree)
        place = self._tree.root if self._tree else self.root
        base = ""
        for name in self._above.split("/")[:-1]:
            rules = rules.inside(place, os.fsencode(base))
            base += name + "/"
            place = place / name
        return rules

    def _rules_inside(self, folder: str, rules: Ignore) -> Ignore:
        """The rules in `folder`, "" or "a/b/", given those of the folder around it."""
        base = os.fsencode(self._above + folder)
        place = self.root / folder
        if folder and (tree := work_tree(place)) is not None:
            rules = base_rules(tree, base)
        return rules.inside(place, base)

    def _below(self, folder: str, rules: Ignore, depth: int, stopped: Callable[[], bool]) -> Iterator[Found]:
        """The files in and below `folder`, in no particular order; `rules` are those around it."""
        pending = [(folder, rules, depth)]
        while pending and not stopped():
            folder, rules, depth = pending.pop()
            try:
                with os.scandir(f"{self.root}/{folder}") as entries:
                    inner = list(entries)
            except OSError as error:
                log.debug("%s cannot be read: %s", folder, error)
                continue
            if any(entry.name in _RULES for entry in inner):
                rules = self._rules_inside(folder, rules)
            for entry in inner:
                path = folder + entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not entry.is_file(follow_symlinks=False):
                    continue
                if not self._wanted(entry.name, path, is_folder, rules):
                    continue
                if is_folder:
                    if depth < self.limits.depth:
                        pending.append((path + "/", rules, depth + 1))
                    continue
                with contextlib.suppress(OSError):  # it went away
                    yield from self._file(path, entry.stat(follow_symlinks=False))

    def _wanted(self, name: str, path: str, is_folder: bool, rules: Ignore) -> bool:
        if name in _NEVER or not name.isprintable() or (not is_folder and is_secret_name(name)):
            return False
        return not rules.ignores(os.fsencode(self._above + path), is_folder)

    def _file(self, path: str, result: os.stat_result) -> list[Found]:
        """The file, unless it is none, or too large for what it is."""
        most = self.limits.code_bytes if language_of(path=path) else self.limits.text_bytes
        if not stat.S_ISREG(result.st_mode) or not 0 < result.st_size <= most:
            return []
        return [Found(path, Stat.of(result))]


def code_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files below `folder` in languages that are understood, however large: its real path, and theirs."""
    walker = Walker(folder, Limits(code_bytes=sys.maxsize, text_bytes=0))
    for found in sorted(walker.walk()):
        yield walker.root, found.path


def _kind(path: Path) -> str:
    """folder, file, or "" for anything else."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else ""
