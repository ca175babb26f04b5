"""The repositories that training data comes from: a committed list, and local bare copies of them.

The list is a table with a header line and these columns, divided by tabs:

    repository  owner/name
    language    the one most of its code is written in; for people, the builders look at each file
    licence     an SPDX expression
    head        the commit that all data is built from, so that a later copy gives the same data
    split       train, or held_out: whole repositories are held out, so that validation sees new code
    packages    names it is published under in package registries, other than its own, divided by blanks
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "held_out")

# Licences that let anyone train on the code and ask for attribution at most.
PERMISSIVE = frozenset(["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"])

_COLUMNS = ["repository", "language", "licence", "head", "split", "packages"]


@dataclass(frozen=True)
class Source:
    """One repository of the list."""

    repository: str
    language: str
    licence: str
    head: str
    split: str
    packages: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """A name for its files, in the mirror and among the shards."""
        return self.repository.replace("/", "+")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it is known by: owner/name, the bare name, its packages."""
        return (self.repository, self.repository.partition("/")[2], *self.packages)


class ListError(ValueError):
    """A line of the repository list that cannot be used; the message says which and why."""


def read_list(path: Path) -> list[Source]:
    """The sources in the order of the file. Raises ListError for a bad line."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    if header.split("\t") != _COLUMNS:
        raise ListError(f"{path}: the header must name the columns {', '.join(_COLUMNS)}")
    return [_source(line, f"{path}:{number}") for number, line in enumerate(lines, start=2)]


def directory(mirror: Path, source: Source) -> Path:
    """Where the bare copy of `source` is expected."""
    return mirror / source.file_name / "repo"


def missing(mirror: Path, sources: Iterable[Source]) -> list[Source]:
    """The sources that have no copy in the mirror."""
    return [source for source in sources if not directory(mirror, source).is_dir()]


def _source(line: str, where: str) -> Source:
    fields = line.split("\t")
    if len(fields) != len(_COLUMNS):
        raise ListError(f"{where}: {len(fields)} columns instead of {len(_COLUMNS)}")
    repository, language, licence, head, split, packages = fields
    if split not in SPLITS:
        raise ListError(f"{where}: the split is {split!r}, not one of {', '.join(SPLITS)}")
    if not PERMISSIVE & set(licence.split(" OR ")):
        raise ListError(f"{where}: {licence} is not among the permissive licences")
    return Source(repository, language, licence, head, split, tuple(packages.split()))
