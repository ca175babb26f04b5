"""What the builders read from a bare repository: git's plumbing, streamed, under nobody's settings.

A copy may lack some blobs. `history` needs none; `patches` and `Blobs` go on past those that are missing.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Self

# A user's own diff algorithm or prefixes would change the hunks, and with them the shards.
_ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
_DIFF_OPTIONS = ["--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--diff-algorithm=histogram"]

# What opens each commit's part of `diff-tree --stdin`; in a patch every line of a file starts with a sign.
_ID = re.compile(rb"[0-9a-f]{40}\n")


class FileChange(NamedTuple):
    """One file that a commit touches: status is A, D, M or T, the ids are of blobs."""

    status: str
    old: str
    new: str
    path: str


class Commit(NamedTuple):
    """A commit and the files it touches, against its only parent."""

    id: str
    author: str
    date: str  # of the commit, YYYY-MM-DD
    subject: str
    changes: tuple[FileChange, ...]


class TreeFile(NamedTuple):
    """A regular file of a tree, and the id that its content is read by; size in bytes."""

    path: str
    blob: str
    size: int


def has_commit(repository: Path, commit: str) -> bool:
    """Whether the copy holds this commit."""
    command = [*_git(repository), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(command, env=_ENVIRONMENT, capture_output=True).returncode == 0


def history(repository: Path, head: str) -> Iterator[Commit]:
    """Every commit reachable from `head` that is not a merge, newest first."""
    form = "--format=%x00%H%x1f%an%x1f%cs%x1f%s"
    command = ["log", "--no-merges", "--no-renames", "--raw", "--no-abbrev", form, head]
    with _Stream(repository, command) as lines:
        record: list[str] = []
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if line.startswith("\0") and record:
                yield _commit(record)
                record = []
            record.append(line)
        if record:
            yield _commit(record)


def patches(repository: Path, commits: Sequence[str], suffixes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The patch of each commit without context lines, of its modified files with one of `suffixes`.

    git stops at the first blob that is missing: that commit is passed over and the rest asked for again.
    """
    options = ["-p", "-U0", "-r", "--inter-hunk-context=0", "--diff-filter=M", *_DIFF_OPTIONS]
    command = ["-c", "core.quotePath=false", "diff-tree", "--stdin", *options, "--"]
    command += [f"*{suffix}" for suffix in suffixes]
    position = {commit: index for index, commit in enumerate(commits)}
    start = 0
    while start < len(commits):
        last = start
        with tempfile.TemporaryFile() as ids:
            ids.write("".join(f"{commit}\n" for commit in commits[start:]).encode())
            ids.seek(0)
            for commit, patch, whole in _patches(repository, command, ids):
                last = position[commit]
                if whole:
                    yield commit, patch
        start = last + 1


def tree(repository: Path, head: str) -> list[TreeFile]:
    """The regular files of a commit, sorted by path."""
    command = [*_git(repository), "ls-tree", "-r", "-l", "-z", head]
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, check=True)
    files = []
    for entry in done.stdout.decode("utf-8", "replace").split("\0")[:-1]:
        facts, path = entry.split("\t", 1)
        mode, kind, blob, size = facts.split()
        if kind == "blob" and mode.startswith("100") and size.isdigit():
            files.append(TreeFile(path, blob, int(size)))
    return sorted(files)


class Blobs:
    """The contents of blobs, through one `git cat-file` for all of them."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(
            [*_git(repository), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT,
        )

    def read(self, blob: str) -> bytes | None:
        """The content, or None where the copy lacks it."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(blob.encode() + b"\n")
        requests.flush()
        header = answers.readline().split()
        if header[-1] == b"missing":
            return None
        content = answers.read(int(header[-1]))
        answers.read(1)
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


class Snapshot(Blobs):
    """The files of one commit."""

    def __init__(self, repository: Path, head: str) -> None:
        super().__init__(repository)
        self._place = (repository, head)

    def tree(self) -> list[TreeFile]:
        """The regular files, sorted by path."""
        return tree(*self._place)


def _git(repository: Path) -> list[str]:
    return ["git", "--git-dir", str(repository)]


class _Stream:
    """The lines of a git command's output; leaving early ends the command."""

    def __init__(self, repository: Path, arguments: Sequence[str], stdin: IO[bytes] | None = None) -> None:
        self._process = subprocess.Popen(
            [*_git(repository), *arguments],
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
        self.returncode = 0

    def __enter__(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def __exit__(self, *_: object) -> None:
        assert self._process.stdout
        self._process.stdout.close()
        self.returncode = self._process.wait()


def _commit(record: list[str]) -> Commit:
    commit, author, date, subject = (record[0][1:].split("\x1f", 3) + [""] * 3)[:4]
    return Commit(commit, author, date, subject, tuple(_change(line) for line in record[1:] if line))


def _change(line: str) -> FileChange:
    facts, path = line.split("\t", 1)
    _, _, old, new, status = facts.split()
    return FileChange(status[0], old, new, path)


def _patches(repository: Path, command: list[str], ids: IO[bytes]) -> Iterator[tuple[str, bytes, bool]]:
    """(commit, patch, whether git finished it) for each commit that git wrote anything of."""
    stream = _Stream(repository, command, ids)
    commit, lines = "", list[bytes]()
    with stream as output:
        for line in output:
            if _ID.fullmatch(line):
                if commit:
                    yield commit, b"".join(lines), True
                commit, lines = line[:40].decode(), []
            else:
                lines.append(line)
    if commit:
        yield commit, b"".join(lines), stream.returncode == 0
