"""Small bare repositories with known histories, for the builders to read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from training.data.repositories import Source, directory

_PERSON = "Ada"
_CLOCK = 1_700_000_000  # seconds; commits are a minute apart, so that ids are the same every time


class History:
    """A repository that grows by whole files; text to write, None to delete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commits = 0
        self._git("init", "--quiet", "--initial-branch=main", str(path), inside=False)

    def commit(self, subject: str, files: Mapping[str, str | None], author: str = _PERSON) -> str:
        """Commit these files; returns the commit's id."""
        for name, text in files.items():
            file = self.path / name
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode())
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "-m", subject, author=author)
        self._commits += 1
        return self.head

    def merge(self, subject: str, files: Mapping[str, str | None]) -> str:
        """Commit these files on a branch and merge it with `subject`; returns the branch's commit."""
        self._git("checkout", "--quiet", "-b", "side")
        side = self.commit("Work on the side", files)
        self._git("checkout", "--quiet", "main")
        self._git("merge", "--quiet", "--no-ff", "-m", subject, "side")
        self._git("branch", "--quiet", "-d", "side")
        return side

    @property
    def head(self) -> str:
        return self._git("rev-parse", "HEAD")

    @property
    def bare(self) -> Path:
        return self.path / ".git"

    def blob(self, revision_and_path: str) -> str:
        return self._git("rev-parse", revision_and_path)

    def lose(self, blob: str) -> None:
        """Take an object away, as copies of large repositories lack some."""
        (self.bare / "objects" / blob[:2] / blob[2:]).unlink()

    def put_into(self, mirror: Path, repository: str, split: str = "train") -> Source:
        """Place it in a mirror under a name; returns its line of the repository list."""
        source = Source(repository, "Python", "MIT", self.head, split)
        place = directory(mirror, source)
        place.parent.mkdir(parents=True)
        place.symlink_to(self.bare)
        return source

    def _git(self, *arguments: str, author: str = _PERSON, inside: bool = True) -> str:
        when = f"{_CLOCK + 60 * self._commits} +0000"
        names = {f"GIT_{role}_NAME": author for role in ("AUTHOR", "COMMITTER")}
        mails = {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
        dates = {f"GIT_{role}_DATE": when for role in ("AUTHOR", "COMMITTER")}
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *(("-C", str(self.path)) if inside else ()), *arguments],
            env={**os.environ, **names, **mails, **dates, **settings},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def module(first: str = "total", second: str = "total", third: str = "total") -> str:
    """A file of three functions far enough apart to be three hunks."""
    functions = [
        f"def function_{index}(items):\n"
        f"    {name} = 0\n"
        "    for item in items:\n"
        "        print(item)\n"
        f"    return {name}\n"
        for index, name in enumerate((first, second, third), start=1)
    ]
    return "import os\n\n\n" + "\n\n".join(functions)


def write_list(path: Path, sources: list[Source]) -> Path:
    """The repository list that holds these sources."""
    lines = ["repository\tlanguage\tlicence\thead\tsplit\tpackages"]
    for source in sources:
        fields = [source.repository, source.language, source.licence, source.head, source.split]
        lines.append("\t".join([*fields, " ".join(source.packages)]))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path
