"""What must never be trained on: the evaluation repositories by name, and text that equals their cases.

Names. `exclude.json` holds hash buckets of excluded names, so that it gives none of them away: a name is
lower-cased, every run of "-", "_" and "." becomes "-", and the first three hexadecimal digits of its SHA-256
are looked up. About 4 % of all names share a bucket by chance and are left out as well.

Text. Where evaluation cases are at hand, a file most of whose windows of WINDOW lines stand in a case is a
copy of it, under whatever name, and so is a change that makes the very replacement that a case asks for.
White space and blank lines do not count.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

EXCLUDE_FILE = Path(__file__).with_name("exclude.json")

WINDOW = 6  # lines
COPIED_SHARE = 0.5  # of a file's windows; tiny files that are mostly a common licence header fall too
MIN_CHANGE = 40  # characters without blanks; shorter changes occur everywhere by chance

_Change = tuple[Sequence[str], Sequence[str]]  # old lines, new lines

_SEPARATORS = re.compile(r"[-_.]+")


class Buckets(msgspec.Struct, frozen=True):
    """The part of the exclusion file that a machine reads."""

    buckets: frozenset[str]


class ExcludedNames:
    """Names that no training data may come from."""

    def __init__(self, buckets: Iterable[str]) -> None:
        self._buckets = frozenset(buckets)

    @classmethod
    def load(cls, path: Path = EXCLUDE_FILE) -> ExcludedNames:
        """Read an exclusion file; raises msgspec.ValidationError where it is not one."""
        return cls(msgspec.json.decode(path.read_bytes(), type=Buckets).buckets)

    @property
    def digest(self) -> str:
        """Changes with the set of buckets."""
        return hashlib.sha256(" ".join(sorted(self._buckets)).encode()).hexdigest()[:16]

    def __contains__(self, name: str) -> bool:
        return name_bucket(name) in self._buckets

    def first(self, names: Iterable[str]) -> str | None:
        """The first of `names` that is excluded: one is enough to leave the whole repository out."""
        return next((name for name in names if name in self), None)


def name_bucket(name: str) -> str:
    """The bucket of a repository's or a package's name: three hexadecimal digits."""
    return hashlib.sha256(_SEPARATORS.sub("-", name.lower()).encode()).hexdigest()[:3]


class EvaluationText:
    """Windows and changes of evaluation cases, by hash. Empty, it recognises nothing."""

    def __init__(self, texts: Iterable[str] = (), changes: Iterable[_Change] = ()) -> None:
        self._windows = {window for text in texts for window in _windows(text.split("\n"))}
        self._changes = {_change_hash(old, new) for old, new in changes}

    @classmethod
    def load(cls, paths: Iterable[Path]) -> EvaluationText:
        """Read case files (JSON lines, compressed by gzip or not) of any task."""
        cases = [case for path in paths for case in _cases(path)]
        return cls(
            (text for case in cases for text in _texts(case)),
            ((target["old"], target["new"]) for case in cases if (target := case.get("target"))),
        )

    def __len__(self) -> int:
        return len(self._windows) + len(self._changes)

    def holds_file(self, lines: Sequence[str]) -> bool:
        """Whether the file is, for the most part, a copy of text that a case shows."""
        if not self._windows:
            return False
        windows = _windows(lines)
        return sum(window in self._windows for window in windows) > COPIED_SHARE * len(windows)

    def holds_change(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Whether a case asks for just this replacement of lines."""
        return _is_telling(old, new) and _change_hash(old, new) in self._changes


def _windows(lines: Iterable[str]) -> list[int]:
    # Built-in hashes differ from run to run, but only ever meet hashes of the same run.
    dense = [stripped for line in lines if (stripped := "".join(line.split()))]
    return [hash(tuple(dense[at : at + WINDOW])) for at in range(len(dense) - WINDOW + 1)]


def _is_telling(old: Sequence[str], new: Sequence[str]) -> bool:
    return len("".join("".join((*old, *new)).split())) >= MIN_CHANGE


def _change_hash(old: Sequence[str], new: Sequence[str]) -> int:
    return hash(("".join("".join(old).split()), "".join("".join(new).split())))


def _cases(path: Path) -> Iterator[dict[str, Any]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in text.decode("utf-8").split("\n"):
        if line:
            yield json.loads(line)


def _texts(case: dict[str, Any]) -> Iterator[str]:
    """Every text of a case that holds code, whatever its task."""
    yield from case.get("files", {}).values()
    yield from case.get("distractor_files", {}).values()
    if "prefix" in case:
        yield case["prefix"] + case["target_block"]
        yield case["suffix"]
    for field in ("original", "expected", "buggy", "fixed", "code"):
        yield case.get(field, "")
