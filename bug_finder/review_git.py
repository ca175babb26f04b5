"""What has changed since a commit, by asking git itself. No configuration is obeyed that could run a program.

GitError    git is not there, this is no work tree, or there is no such commit; the message says which
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

TIMEOUT_S = 60


class GitError(Exception):
    """Why git gave no answer, in words for the user."""


class Changed(NamedTuple):
    """A file of the work tree, and the path it had in the commit; None where it is new."""

    path: Path
    before: str | None


class Tree:
    """The work tree around a folder, compared with a commit."""

    def __init__(self, folder: Path, rev: str = "HEAD") -> None:
        """Find the work tree. `REV...` means the commit where HEAD's branch left REV's. Raises GitError."""
        self.root = Path(_text(folder, "rev-parse", "--show-toplevel"))
        if rev.endswith("..."):
            self._commit = _text(self.root, "merge-base", "--end-of-options", rev[:-3], "HEAD")
        else:
            self._commit = _text(
                self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}"
            )

    def changed(self) -> list[Changed]:
        """The files that are not as they were, and those that git does not know yet; by path."""
        fields = _git(
            self.root,
            *_without_filters(self.root),
            "diff",
            "--name-status",
            "-z",
            "--no-ext-diff",
            "--no-textconv",
            "-M",
            "--diff-filter=AMRT",
            self._commit,
            "--",
        ).split(b"\0")
        found: dict[str, str | None] = {}
        at = 0
        while at + 1 < len(fields):
            status, name = fields[at].decode(), _name(fields[at + 1])
            if status.startswith("R"):
                found[_name(fields[at + 2])] = name
                at += 3
            else:
                found[name] = None if status == "A" else name
                at += 2
        for other in _git(self.root, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0"):
            if other:
                found[_name(other)] = None
        return [Changed(self.root / name, before) for name, before in sorted(found.items())]

    def before(self, path: str) -> bytes:
        """What the file at `path`, from the root, held in the commit. Raises GitError."""
        return _git(self.root, "cat-file", "blob", f"{self._commit}:{path}")

    def file(self, place: Path) -> bytes | None:
        """What a file of the work tree held in the commit; None where the commit has none of that name."""
        name = os.path.relpath(os.path.realpath(place), os.path.realpath(self.root))
        try:
            return self.before(name.replace(os.sep, "/"))
        except GitError:
            return None


def _text(folder: Path, *arguments: str) -> str:
    return _name(_git(folder, *arguments)).strip()


def _without_filters(folder: Path) -> list[str]:
    """Options that take away the commands of file filters, which a comparison with the disk would run."""
    try:
        known = _git(
            folder, "config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"
        )
    except GitError:  # there are none
        return []
    names = sorted({_name(key).rpartition(".")[0] for key in known.split(b"\0") if key})
    return [
        part
        for name in names
        for setting in ("clean=", "process=", "required=false")
        for part in ("-c", f"{name}.{setting}")
    ]


def _name(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git cannot be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise GitError(said or f"git knows no {arguments[-1].removesuffix('^{commit}')!r} here")
    return done.stdout
