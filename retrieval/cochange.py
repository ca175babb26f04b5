"""Files that change together, by what git remembers: whoever edits one of them will probably edit the others.

Each commit is a vote for the pairs of files in it; a large commit says little about each of its pairs, an old
one less than a new one. A pair's score is its votes beside what its two files have had at all (their cosine),
so that a changelog, which is in everything, belongs to nothing.
"""

from __future__ import annotations

import math
import os
import subprocess
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from retrieval.git import work_tree_around

COMMITS = 2000  # that are read, the newest
SECONDS = 10.0  # that git may take; what it has said by then is used
LARGEST = 30  # files of a commit that says anything
HALF_LIFE = 500  # commits, after which a commit counts half
DOUBT = 3.0
"""Votes that every file is taken to have had besides: two files changed once, together, prove little."""


class Related(NamedTuple):
    """A file, how surely it belongs to the one that was asked about (0 to 1), and commits that had both."""

    path: str
    score: float
    commits: int


class CoChange:
    """What the newest commits of a work tree say. Paths are those of git: from the top of the work tree."""

    def __init__(self, commits: Iterable[Sequence[str]]) -> None:
        """`commits`: the files of each, the newest commit first."""
        self._votes: defaultdict[str, float] = defaultdict(float)
        self._pairs: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._together: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for age, files in enumerate(commits):
            vote = 0.5 ** (age / HALF_LIFE)
            for path in files:
                self._votes[path] += vote
            if not 2 <= len(files) <= LARGEST:
                continue
            share = vote / math.log2(len(files))
            for path in files:
                for other in files:
                    if other != path:
                        self._pairs[path][other] += share
                        self._together[path][other] += 1

    def related(self, path: str, count: int = 10, there: Path | None = None) -> list[Related]:
        """The files that change with `path`, the surest first; if given a folder, those that are `there`."""
        own = self._votes.get(path, 0.0) + DOUBT
        found = [
            Related(other, votes / math.sqrt(own * (self._votes[other] + DOUBT)), self._together[path][other])
            for other, votes in self._pairs.get(path, {}).items()
        ]
        ranked = sorted(found, key=lambda each: (-each.score, each.path))
        return list(
            islice((each for each in ranked if there is None or (there / each.path).is_file()), count)
        )


def commits_of(folder: Path, most: int = COMMITS) -> Iterator[list[str]]:
    """The files of each of the newest commits but merges; raises OSError where there is no git to ask.

    No configuration of the repository is obeyed that could run a program.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotepath=false", "-C", str(folder), "log"]
    command += [f"-n{most}", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only"]
    command += ["-z", "--format=%x01"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as git:
        assert git.stdout is not None
        timer = threading.Timer(SECONDS, git.kill)
        timer.start()
        try:
            data = git.stdout.read()
        finally:
            timer.cancel()
    for commit in data.split(b"\x01")[1:]:
        yield [os.fsdecode(path) for path in commit.strip(b"\0\n").split(b"\0") if path.strip(b"\n")]


def top_of(folder: Path) -> Path | None:
    """The top of the work tree around `folder`."""
    tree = work_tree_around(Path(os.path.realpath(folder)))
    return tree.root if tree else None
