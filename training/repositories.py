"""Reads source files out of clones of public repositories, evenly over languages and repositories."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from training.exclusions import excluded

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "Python": (".py", ".pyi"),
    "JavaScript": (".js", ".mjs", ".cjs", ".jsx"),
    "TypeScript": (".ts", ".mts", ".cts", ".tsx"),
    "Go": (".go",),
    "Rust": (".rs",),
    "Java": (".java",),
    "Kotlin": (".kt", ".kts"),
    "C": (".c", ".h"),
    "C++": (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"),
    "Markdown": (".md", ".rst"),
    "data": (".json", ".toml", ".yaml", ".yml"),
    "web": (".css", ".html", ".scss"),
    "shell": (".bash", ".sh"),
}
LANGUAGE_OF = {suffix: language for language, suffixes in SUFFIXES.items() for suffix in suffixes}

# Copies of other projects, and what programs wrote.
SKIPPED = frozenset(
    (
        *("vendor", "_vendor", "deps", "third_party", "external", "extern", "typeshed", "node_modules"),
        *("dist", "bundle", "generated", "testdata", "fixtures", "snapshots", "__snapshots__", "locales"),
    )
)
LONGEST = 100_000  # bytes; longer files are tables or generated


@dataclass(frozen=True)
class Repository:
    """A clone, and what is known of it."""

    name: str  # owner/name
    licence: str
    git: Path
    commit: str


@dataclass(frozen=True)
class Blob:
    """A file at the clone's head."""

    id: str
    language: str
    size: int


def clones(folder: Path, listing: Path, buckets: frozenset[str]) -> Iterator[Repository]:
    """Repositories of the table `listing` (columns repo, licence) that `folder` holds: `owner+name/repo`."""
    with listing.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name, git = row["repo"], folder / row["repo"].replace("/", "+") / "repo"
            if git.is_dir() and not excluded([name, name.partition("/")[2]], buckets):
                yield Repository(name, row["licence"], git, _git(git, "rev-parse", "HEAD").strip())


def files(repository: Repository) -> list[Blob]:
    """Source files at the head, in the order of their hashes: as good as chance, but always the same."""
    found = []
    for line in _git(repository.git, "ls-tree", "-r", "-l", "-z", "HEAD").split("\0")[:-1]:
        about, _, name = line.partition("\t")
        _, kind, blob, size = about.split()
        path = PurePosixPath(name)
        language = LANGUAGE_OF.get(path.suffix)
        # Some clones lack blobs; their size is not a number.
        usable = kind == "blob" and size.isdigit() and int(size) <= LONGEST
        if usable and language and not SKIPPED.intersection(path.parts):
            found.append(Blob(blob, language, int(size)))
    return sorted(found, key=lambda blob: blob.id)


def read(repository: Repository, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, str]]:
    """Texts of those files that the clone holds; lines as long as a minified file's are left out."""
    with subprocess.Popen(
        ["git", f"--git-dir={repository.git}", "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as git:
        assert git.stdin
        assert git.stdout
        for blob in blobs:
            git.stdin.write(f"{blob.id}\n".encode())
            git.stdin.flush()
            text = _answer(git.stdout)
            if text and max(map(len, text.splitlines()), default=0) < 1000:
                yield blob, text
        git.stdin.close()


def _answer(stream: IO[bytes]) -> str:
    header = stream.readline().split()
    if header[-1] == b"missing":
        return ""
    data = stream.read(int(header[-1]) + 1)
    return data[:-1].decode("utf-8", "replace")


def _git(git: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={git}", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")
