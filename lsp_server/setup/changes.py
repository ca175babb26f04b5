"""Changes to files that can be made twice and taken back: a file of our own, or a block in one of the user's.

Each says what the file has to hold, given what it holds now. What is done about it is `write` and `remove`:
what changes is shown, what would be lost is kept as a backup, and a file is replaced whole or not at all.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

BEGIN: Final = "tacit: begin (made by `tacit setup`)"
END: Final = "tacit: end"
SHORT: Final = 20
"""Lines of a new file that is shown when it is written: more would hide what is done to the user's own."""


class CannotChange(Exception):
    """The file is such that the user has to change it; the message says how."""


class Change(Protocol):
    """One file."""

    @property
    def path(self) -> Path:
        """Where it is."""

    def made(self, before: str | None) -> str:
        """What the file has to hold; None: there is none yet. Raises CannotChange."""

    def unmade(self, before: str) -> str | None:
        """What is left of the file without it; None: nothing of the user's."""


@dataclass(frozen=True)
class OwnFile:
    """A file that is ours alone."""

    path: Path
    text: str

    def made(self, before: str | None) -> str:
        """What it has to hold, whatever was there."""
        return self.text

    def unmade(self, before: str) -> str | None:
        """Nothing."""
        return None


@dataclass(frozen=True)
class Block:
    """Lines between two comments in a file of the user's: at its end, or after its opening brace.

    `taken` is a pattern for what the file must not hold already, as there may be only one of it.
    """

    path: Path
    text: str
    comment: str
    in_braces: bool = False
    taken: str = ""

    def made(self, before: str | None) -> str:
        """The file with the block, in the place where it is already."""
        text = "{\n}\n" if self.in_braces and not (before or "").strip() else before or ""
        block = f"{self.comment} {BEGIN}\n{self.text.rstrip()}\n{self.comment} {END}\n"
        if found := self._pattern().search(text):
            return text[: found.start()] + block + text[found.end() :]
        if self.taken and (there := re.search(self.taken, text, re.MULTILINE)):
            raise CannotChange(f"{self.path} already has {there[0].strip()!r}. Add to it:\n\n{self.text}")
        if not self.in_braces:
            gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
            return text + gap + block
        if not (brace := re.match(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*\{[ \t]*\n?", text, re.DOTALL)):
            raise CannotChange(f"{self.path} does not begin with a brace. Write into it:\n\n{self.text}")
        opening = brace[0] if brace[0].endswith("\n") else brace[0] + "\n"
        return opening + block + text[brace.end() :]

    def unmade(self, before: str) -> str | None:
        """The file without the block, and without the empty line before it."""
        pattern = (
            self._pattern() if self.in_braces else re.compile("\n?" + self._pattern().pattern, re.DOTALL)
        )
        text = pattern.sub("", before)
        return text if text.strip(" \t\r\n{}") else None

    def _pattern(self) -> re.Pattern[str]:
        comment = re.escape(self.comment)
        return re.compile(rf"{comment} {re.escape(BEGIN)}\n.*?{comment} {END}\n?", re.DOTALL)


def as_it_should_be(changes: Iterable[Change]) -> bool:
    """Whether there is nothing to write."""
    try:
        return all(
            (before := _read(each.path)) is not None and each.made(before) == before for each in changes
        )
    except (CannotChange, OSError):
        return False


def show(changes: Iterable[Change]) -> None:
    """Print what would be written where."""
    for change in changes:
        _print_difference(change.path, before := _read(change.path), wanted := change.made(before))
        if before == wanted:
            print(f"{change.path}: as it should be")


def write(changes: Iterable[Change]) -> None:
    """Make each change that is not made yet; what was there is kept, and what becomes of it shown."""
    for change in changes:
        before = _read(change.path)
        wanted = change.made(before)
        if before == wanted:
            print(f"{change.path}: as it should be")
            continue
        lines = wanted.count("\n")
        if before is not None or lines <= SHORT:
            _print_difference(change.path, before, wanted)
        if before is not None:
            print(f"{change.path}: what was there is kept as {_back_up(change.path)}")
        _replace(change.path, wanted)
        print(f"{change.path}: written" + f", a new file of {lines} lines" * (before is None))


def remove(changes: Iterable[Change]) -> None:
    """Take each change back; what the user has changed in a file of ours is kept."""
    for change in changes:
        before = _read(change.path)
        left = None if before is None else change.unmade(before)
        if before is None or left == before:
            print(f"{change.path}: not there")
            continue
        if left is not None:
            _print_difference(change.path, before, left)
        if isinstance(change, OwnFile) and before != change.text:
            print(f"{change.path}: it had been changed, and is kept as {_back_up(change.path)}")
        if left is not None:
            _replace(change.path, left)
        else:
            change.path.unlink()
            _remove_empty_folders(change.path.parent)
        for backup in change.path.parent.glob(f"{change.path.name}.bak*"):
            if left is not None and _read(backup) == left:
                backup.unlink()  # nothing was lost, so nothing need be kept
        print(f"{change.path}: removed")


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _replace(path: Path, text: str) -> None:
    """Write the file, or what a link at its place leads to, whole or not at all."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(text.encode("utf-8", "surrogateescape"))
    if path.exists():
        temporary.chmod(path.stat().st_mode)
    temporary.replace(path)


def _back_up(path: Path) -> Path:
    """Copy the file to a name that is still free, which the editor does not load."""
    number = 0
    while (backup := path.with_name(f"{path.name}.bak{number or ''}")).exists():
        number += 1
    backup.write_bytes(path.read_bytes())
    return backup


def _remove_empty_folders(folder: Path) -> None:
    """Folders that our files may have needed, by their names."""
    while folder.name in ("tacit", "jetbrains", "lua", "lsp", "plugin", "start", "pack") and not list(
        folder.iterdir()
    ):
        folder.rmdir()
        folder = folder.parent


def _print_difference(path: Path, before: str | None, after: str | None) -> None:
    old, new = (before or "").splitlines(), (after or "").splitlines()
    for line in difflib.unified_diff(old, new, str(path), str(path), lineterm=""):
        print(line.encode("utf-8", "backslashreplace").decode("utf-8"))
