"""Checks that steps are made from commits as the evaluation cases were.

    python -m training.data.agreement --mirror DIR --cases next_edit.public.jsonl.gz

Looks up the commit of each next-edit case and compares its files, recent edits, target and class with those
of the same step here. Nothing of it is kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from training.data import git
from training.data.changes import Hunk, apply, as_diff
from training.data.classes import Tokens, class_of
from training.data.exclusions import EvaluationText
from training.data.files import SUFFIXES
from training.data.histories import Limits, SmallCommit, small_commit

Case = dict[str, Any]


def main() -> int:
    """Print how often each part agrees; exit code 1 where no case could be looked up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mirror", type=Path, required=True, help="bare repositories, as owner+name/repo")
    parser.add_argument("--cases", type=Path, required=True, help="next-edit cases, filled with code")
    arguments = parser.parse_args()
    agreed: Counter[str] = Counter()
    for case in _cases(arguments.cases):
        repository = arguments.mirror / case["repo"].replace("/", "+") / "repo"
        if repository.is_dir():
            agreed["cases"] += 1
            agreed.update(compare(case, look_up(repository, case["commit"])))
    for part, count in agreed.most_common():
        print(f"{count:5} {part}")
    return 0 if agreed else 1


def look_up(repository: Path, commit_id: str) -> SmallCommit | None:
    """The small commit of this id, if it is one."""
    commit = next(git.history(repository, commit_id))
    with git.Blobs(repository) as blobs:
        for _, patch in git.patches(repository, [commit_id], SUFFIXES):
            found = small_commit(commit, patch, blobs, Limits(), EvaluationText())
            return None if isinstance(found, str) else found
    return None


def compare(case: Case, small: SmallCommit | None) -> Iterator[str]:
    """The parts of a case that are the same here."""
    if small is None:
        return
    yield "commit is taken"
    files = {path: list(lines) for path, lines in small.files.items()}
    growth: Counter[str] = Counter()
    diffs = []
    for hunk in islice(small.hunks, case["k"]):
        now = hunk.moved(growth[hunk.path])
        diffs.append(as_diff(now, files[hunk.path]))
        apply(now, files[hunk.path])
        growth[hunk.path] += hunk.growth
    if diffs == [edit["diff"] for edit in case["recent_edits"]]:
        yield "recent edits"
    if all(text.removesuffix("\n").split("\n") == files.get(path) for path, text in case["files"].items()):
        yield "files"
    following = small.hunks[case["k"]] if case["k"] < len(small.hunks) else None
    if _is_target(case["target"], following, growth):
        yield "target"
        yield from _same_class(case, small)


def _is_target(target: Case | None, hunk: Hunk | None, growth: Counter[str]) -> bool:
    if target is None or hunk is None:
        return target is None and hunk is None
    place = (target["path"], target["start_line"], tuple(target["old"]), tuple(target["new"]))
    return hunk.moved(growth[hunk.path]) == place


def _same_class(case: Case, small: SmallCommit) -> Iterator[str]:
    if case["target"]:
        tokens = [Tokens(hunk) for hunk in small.hunks]
        if class_of(tokens[case["k"]], tokens[: case["k"]]) == case["cls"]:
            yield "class of a target"


def _cases(path: Path) -> Iterator[Case]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
