"""Cases for ghost text where other files matter: lines that use a name which another file defines.

    python -m bench.other_files REPOSITORY... --out CASES [--count N] [--seed S]
    tacit eval inline CASES OUT
    tacit eval inline CASES OUT --without-excerpts
    python -m bench.other_files --compare CASES OUT OUT

REPOSITORY is a git repository with history, also a bare one. Each case is a line that a commit added, cut at
a token, in the file as the commit left it but for the rest of its hunk. The other files are those of the
commit before: they are indexed, and the case keeps what the index offers there (`retrieval.excerpts`).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.cases import read_cases
from completion.nearby import import_lines, imported, names_near
from retrieval.chunk import chunk_file
from retrieval.embedding import StaticEmbedding
from retrieval.excerpts import Wish
from retrieval.search import Searcher
from retrieval.store import Store
from retrieval.sync import Syncer
from text.document import Document
from text.languages import language_of
from text.matching import common_prefix

COMMITS = 1500  # the newest ones of a repository
FILES = range(1, 21)  # that a commit changes
OF_COMMIT = 2  # cases
TRIES = 40  # commits of each repository that are looked at
SHORTEST = 4  # characters of a name
DEFINED = range(1, 4)  # definitions of it
LEAST = 3  # characters that are left to write
LINE = range(8, 160)  # characters
DRAWS = 2000  # of the bootstrap

_TOKEN = re.compile(r"\w+|[^\w\s]")
_NAME = re.compile(r"[^\W\d][\w$]*")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_COMMENT = ("#", "//", "*", "/*", '"""')


class _Cut(NamedTuple):
    path: str
    lines: list[str]
    line: int  # from 0
    end: int  # of its hunk
    names: list[re.Match[str]]


class Workspace:
    """The files of one commit after another, with an index of them."""

    def __init__(self, repository: Path, folder: Path, embedder: StaticEmbedding) -> None:
        self.repository = repository
        self.root = folder / "files"
        self.root.mkdir()
        self._store = Store.open(folder / "index.db", embedder)
        self._blobs: dict[str, str] = {}

    def check_out(self, commit: str) -> Searcher:
        """Bring the files and the index to a commit; files whose content the copy lacks are empty."""
        entries = [
            entry.split(None, 3) for entry in git(self.repository, "ls-tree", "-r", commit).splitlines()
        ]
        blobs = {path: blob for _, kind, blob, path in entries if kind == "blob" and language_of(path=path)}
        for path in self._blobs.keys() - blobs.keys():
            (self.root / path).unlink(missing_ok=True)
        for path, blob in blobs.items():
            if self._blobs.get(path) != blob:
                data = _blob(self.repository, blob)
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_bytes(data or b"")
        self._blobs = blobs
        with Syncer(self._store, self.root) as syncer:
            syncer.sync()
            return Searcher(self._store, syncer.view)

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()

    def read(self, path: str) -> str | None:
        """The text of a file."""
        place = self.root / path
        return place.read_text("utf-8", "replace") if place.is_file() else None

    def is_defined(self, name: str, *, member: bool) -> bool:
        """Whether a few definitions of the name were seen: of members of something, or of others."""
        rows = self._store.connection.execute(
            "select c.context from symbol s join chunk c on c.id = s.chunk where s.name = ? and c.head >= 0",
            (name.lower(),),
        )
        found = [context for (context,) in rows if context.rpartition(".")[2] == name]
        return sum(("." in context) is member for context in found) in DEFINED


def cases(repository: Path, count: int, seed: int, embedder: StaticEmbedding) -> Iterator[dict[str, Any]]:
    """At most so many cases of one repository."""
    name = repository.resolve().parent.name if repository.name == "repo" else repository.name
    rng = random.Random(f"{seed} {name}")
    log = git(repository, "log", "--no-merges", "--format=%H %P", "-n", str(COMMITS))
    commits = [line.split() for line in log.splitlines() if len(line.split()) == 2]
    made = 0
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder:
        workspace = Workspace(repository, Path(folder), embedder)
        for commit, parent in rng.sample(commits, min(TRIES, len(commits))):
            paths = _changed(repository, parent, commit)
            if len(paths) not in FILES or made >= count:
                continue
            searcher = workspace.check_out(parent)
            cuts = [cut for path in paths for cut in _cuts(workspace, parent, commit, path)]
            rng.shuffle(cuts)
            for cut in list({cut.path: cut for cut in cuts}.values())[: min(OF_COMMIT, count - made)]:
                made += 1
                yield {"id": f"{name}-{made}", "commit": commit, **_case(cut, workspace, searcher, rng)}
        workspace.close()


def _cuts(workspace: Workspace, parent: str, commit: str, path: str) -> Iterator[_Cut]:
    data = _blob(workspace.repository, f"{commit}:{path}")
    if data is None or b"\r" in data:
        return
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    own = {chunk.name for chunk in chunk_file(path, text)}
    imports = set(import_lines(Document.create("", text, 0, language_of(path=path))))
    patch = git(workspace.repository, "diff", "-U0", "--no-color", parent, commit, "--", path)
    for match in _HUNK.finditer(patch):
        first = int(match[1]) - 1
        end = first + int(match[2] or 1)
        for number in range(first, end):
            line = lines[number]
            unfit = number in imports or line.lstrip().startswith(_COMMENT)
            if unfit or len(line.strip()) not in LINE:
                continue
            names = [
                name
                for name in _NAME.finditer(line)
                if len(name[0]) >= SHORTEST
                and name[0] not in own
                and not any(line[: name.start()].count(quote) % 2 for quote in "\"'`")
                and workspace.is_defined(name[0], member=line[: name.start()].endswith("."))
            ]
            if names:
                yield _Cut(path, lines, number, end, names)


def _case(cut: _Cut, workspace: Workspace, searcher: Searcher, rng: random.Random) -> dict[str, Any]:
    line = cut.lines[cut.line].rstrip()
    column = rng.choice([at.start() for at in _TOKEN.finditer(line) if at.start() <= len(line) - LEAST])
    prefix = "\n".join([*cut.lines[: cut.line], line[:column]])
    suffix = "\n" + "\n".join(cut.lines[cut.end :])
    language = language_of(path=cut.path)
    document = Document.create("", prefix + suffix, 0, language)
    words = imported(document)
    wish = Wish(cut.path, names_near(document, len(prefix), words), words)
    return {
        "path": cut.path,
        "language": language,
        "cut": "before the name" if cut.names[-1].start() >= column else "behind the name",
        "prefix": prefix,
        "suffix": suffix,
        "target_line": line[column:],
        "target_block": line[column:],
        "block_lines": 1,
        "excerpts": msgspec.to_builtins(searcher.excerpts(wish, workspace.read)),
    }


def compare(path: Path, without: Path, with_excerpts: Path) -> dict[str, Any]:
    """Both predictions of each case beside each other, with 95 % intervals of the differences."""
    both = [{each["id"]: each for each in read_cases(out)} for out in (without, with_excerpts)]
    shown = [case for case in read_cases(path) if all(case["id"] in each for each in both)]
    scores = [
        [_score(case["target_line"], each[case["id"]]["completion"]) for case in shown] for each in both
    ]
    rng = random.Random(1)
    drawn = [[rng.randrange(len(shown)) for _ in shown] for _ in range(DRAWS)]
    total = [len(case["target_line"]) for case in shown]
    figures: dict[str, Any] = {"cases": len(shown)}
    for name, part, weights in (("line_exact", 0, [1] * len(shown)), ("chars_saved", 1, total)):
        old, new = ([score[part] for score in each] for each in scores)
        gains = sorted(
            sum(new[at] - old[at] for at in draw) / sum(weights[at] for at in draw) for draw in drawn
        )
        figures[name] = {
            "without": round(sum(old) / sum(weights), 3),
            "with": round(sum(new) / sum(weights), 3),
            "gain": [round(gains[at], 3) for at in (DRAWS // 40, -DRAWS // 40)],
        }
    return figures


def _score(target: str, completion: str) -> tuple[int, int]:
    """Whether the line is right, and how many of its first characters are, as the scorer counts."""
    first = completion.split("\n")[0]
    same = common_prefix(first, target)
    return int(first.rstrip() == target.rstrip()), same


def git(repository: Path, *arguments: str) -> str:
    """What git says; nothing where it fails, as copies may lack blobs."""
    done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def _changed(repository: Path, parent: str, commit: str) -> list[str]:
    names = git(repository, "diff", "--name-only", "--diff-filter=M", parent, commit)
    return [path for path in names.splitlines() if language_of(path=path)]


def _blob(repository: Path, blob: str) -> bytes | None:
    done = subprocess.run(
        ["git", "-C", str(repository), "cat-file", "blob", blob], capture_output=True, check=False
    )
    return None if done.returncode else done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the cases, or compare two predictions of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path, nargs="*")
    parser.add_argument("--out", type=Path, help="where the cases go: .jsonl")
    parser.add_argument("--count", type=int, default=25, help="cases of each repository (25)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", type=Path, nargs=3, metavar=("CASES", "WITHOUT", "WITH"))
    args = parser.parse_args(arguments)
    if args.compare:
        print(json.dumps(compare(*args.compare), indent=2))
        return 0
    if not args.repository or args.out is None:
        parser.error("repositories and --out are wanted, or --compare")
    embedder = StaticEmbedding.load()
    with args.out.open("w", encoding="utf-8") as out:
        for repository in args.repository:
            for case in cases(repository, args.count, args.seed, embedder):
                print(json.dumps(case), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
