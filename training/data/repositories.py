"""What training data comes from: committed lists of repositories and packages, and local copies of them.

A list is a table with a header line and these columns, divided by tabs:

    repository  owner/name, or pypi:NAME==VERSION or npm:NAME@VERSION for the release of a package
    language    the one most of its code is written in; for people, the builders look at each file
    licence     an SPDX expression
    head        the commit that all data is built from, so that a later copy gives the same data; of a package
                the SHA-256 of its archive
    split       train, or held_out: whole repositories are held out, so that validation sees new code
    packages    names it is published under in package registries, other than its own, divided by blanks; of a
                package the repositories that it is made from
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "held_out")

# Licences that let anyone train on the code and ask for attribution at most.
PERMISSIVE = frozenset(["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"])

_COLUMNS = ["repository", "language", "licence", "head", "split", "packages"]

# A release is named with its version, so that the list pins it.
_NAMED = re.compile(r"[\w.-]+/[\w.-]+|pypi:[\w.-]+==[\w.]+|npm:(@[\w.-]+/)?[\w.-]+@[\w.-]+")
_VERSION = re.compile(r"==[^=]+$|(?<=.)@[^@]+$")


@dataclass(frozen=True)
class Source:
    """One repository or package of a list."""

    repository: str
    language: str
    licence: str
    head: str
    split: str
    packages: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """A name for its files, in the mirror and among the shards."""
        return self.repository.replace("/", "+").replace(":", "+")

    @property
    def registry(self) -> str:
        """Where its package is published: pypi or npm; empty for a repository."""
        return self.repository.partition(":")[0] if ":" in self.repository else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by: owner/name or @scope/name, the bare name, what else the list says."""
        name = _VERSION.sub("", self.pinned) if self.registry else self.repository
        return (*spellings(name), *(name for other in self.packages for name in spellings(other)))

    @property
    def pinned(self) -> str:
        """A release as its registry's client names it: NAME==VERSION or NAME@VERSION."""
        return self.repository.removeprefix(f"{self.registry}:")


class ListError(ValueError):
    """A line of the repository list that cannot be used; the message says which and why."""


def read_list(path: Path) -> list[Source]:
    """The sources in the order of the file. Raises ListError for a bad line."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    if header.split("\t") != _COLUMNS:
        raise ListError(f"{path}: the header must name the columns {', '.join(_COLUMNS)}")
    return [_source(line, f"{path}:{number}") for number, line in enumerate(lines, start=2)]


def directory(mirror: Path, source: Source) -> Path:
    """Where the copy of `source` is expected: a bare repository, or the archive of a package."""
    return mirror / source.file_name if source.registry else mirror / source.file_name / "repo"


def missing(mirror: Path, sources: Iterable[Source]) -> list[Source]:
    """The sources that have no copy in the mirror."""
    return [source for source in sources if not directory(mirror, source).exists()]


def spellings(name: str) -> tuple[str, ...]:
    """owner/name or @scope/name, the same without the sign, and the bare name."""
    return tuple(dict.fromkeys([name, name.removeprefix("@"), name.rpartition("/")[2]]))


def _source(line: str, where: str) -> Source:
    fields = line.split("\t")
    if len(fields) != len(_COLUMNS):
        raise ListError(f"{where}: {len(fields)} columns instead of {len(_COLUMNS)}")
    repository, language, licence, head, split, packages = fields
    if not _NAMED.fullmatch(repository):
        raise ListError(f"{where}: {repository!r} is neither owner/name nor a package with its version")
    if split not in SPLITS:
        raise ListError(f"{where}: the split is {split!r}, not one of {', '.join(SPLITS)}")
    if not PERMISSIVE & set(licence.split(" OR ")):
        raise ListError(f"{where}: {licence} is not among the permissive licences")
    return Source(repository, language, licence, head, split, tuple(packages.split()))
