"""Moments of small commits with their whole files, in the form of evaluation cases, for the gate.

    python -m training.next_edit_moments --mirror DIR --out FILE.jsonl.gz [--cases FILE ...] [--each N]

The next-edit set (training/data/next_edit.py) holds excerpts, as a model reads them; the ensemble searches
whole files. One step of every commit is taken by chance, of which one in eight is the last: nothing is left
to edit.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from training.data.changes import Hunk, apply, as_diff, is_blank_change
from training.data.classes import Tokens, class_of
from training.data.exclusions import EXCLUDE_FILE, EvaluationText, ExcludedNames
from training.data.files import code_language
from training.data.histories import Limits, SmallCommit, small_commits
from training.data.places import Layout
from training.data.repositories import Source, directory, missing, read_list

MAX_TARGET_LINES: Final = 20
DONE_SHARE: Final = 1 / 8
LIST: Final = Path(__file__).parent / "data" / "repositories.tsv"


def moment(repository: str, commit: SmallCommit, step: int) -> dict[str, Any]:
    """The state with `step` hunks applied, as an evaluation case; its target is null after the last."""
    files = {path: list(lines) for path, lines in commit.files.items()}
    edits = []
    for done, hunk in enumerate(commit.hunks[:step]):
        now = Layout(commit.hunks, done).now(hunk)
        edits.append({"path": hunk.path, "diff": as_diff(now, files[hunk.path])})
        apply(now, files[hunk.path])
    line = max(now.start + len(now.new) - 1, 1)
    layout = Layout(commit.hunks, step)
    following = [layout.now(hunk) for hunk in commit.hunks[step:]]
    tokens = [Tokens(hunk) for hunk in commit.hunks[: step + 1]]
    return {
        "id": f"{repository} {commit.commit.id[:10]} {step}",
        "repo": repository,
        "language": code_language(now.path),
        "cls": class_of(tokens[step], tokens[:step]) if following else "done",
        "files": {path: "".join(f"{text}\n" for text in lines) for path, lines in files.items()},
        "recent_edits": edits,
        "cursor": {"path": now.path, "line": line, "col": 0},
        "target": _as_target(following[0]) if following else None,
        "later_targets": [_as_target(hunk) for hunk in following[1:]],
        "same_file": bool(following) and following[0].path == now.path,
        "k": step,
    }


def _as_target(hunk: Hunk) -> dict[str, Any]:
    place = {"path": hunk.path, "start_line": hunk.start, "old_count": len(hunk.old)}
    return {**place, "old": list(hunk.old), "new": list(hunk.new)}


def moments(
    source: Source, repository: Path, evaluation: EvaluationText, each: int
) -> Iterator[dict[str, Any]]:
    """One moment of each of the newest `each` small commits."""
    limits = Limits(per_repository=each)
    for commit in small_commits(repository, source.head, limits, evaluation, Counter()):
        chance = random.Random(commit.commit.id)
        steps = [step for step in range(1, len(commit.hunks)) if _is_learnable(commit.hunks[step])]
        if chance.random() < DONE_SHARE or not steps:
            yield moment(source.repository, commit, len(commit.hunks))
        else:
            yield moment(source.repository, commit, chance.choice(steps))


def _is_learnable(hunk: Hunk) -> bool:
    return max(len(hunk.old), len(hunk.new)) <= MAX_TARGET_LINES and not is_blank_change(hunk)


def main() -> int:
    """Write the moments of every repository of the list that the mirror holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", type=Path, nargs="*", default=[], help="evaluation cases to stay clear of")
    parser.add_argument("--each", type=int, default=60, help="commits of one repository")
    parser.add_argument("--repositories", type=int, help="only the first so many that are there")
    arguments = parser.parse_args()
    names = ExcludedNames.load(EXCLUDE_FILE)
    sources = [source for source in read_list(LIST) if names.first(source.names) is None]
    absent = missing(arguments.mirror, sources)
    present = [source for source in sources if source not in absent]
    evaluation = EvaluationText.load(arguments.cases)
    with gzip.open(arguments.out, "wt", encoding="utf-8") as out:
        for source in islice(present, arguments.repositories):
            found = 0
            for case in moments(source, directory(arguments.mirror, source), evaluation, arguments.each):
                print(json.dumps({**case, "split": source.split}, ensure_ascii=False), file=out)
                found += 1
            print(f"{source.repository}: {found}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
