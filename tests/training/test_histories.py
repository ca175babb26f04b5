from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.training.history import History, module
from training.data.exclusions import EvaluationText
from training.data.histories import Limits, SmallCommit, small_commits

LAYOUT = "formatting, release, revert or licence"


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit(
        "Begin", {"a.py": module(), "b.py": module(), "notes.txt": "text\n", "vendor/c.py": module()}
    )
    return history


def found(
    history: History, limits: Limits | None = None, evaluation: EvaluationText | None = None
) -> tuple[list[SmallCommit], Counter[str]]:
    """The small commits and the reasons against the others, but for the first commit."""
    skipped: Counter[str] = Counter()
    commits = small_commits(
        history.bare, history.head, limits or Limits(), evaluation or EvaluationText(), skipped
    )
    result = list(commits)
    skipped["adds or removes code files"] -= 1
    return result, +skipped


def changes() -> Iterator[tuple[str, str, Mapping[str, str | None], str]]:
    """(subject, author, files, reason) of commits that are passed over."""
    edit = {"a.py": module("x", "y")}
    yield "Change text", "Ada", {"notes.txt": "other\n"}, "no code"
    yield "Change a copy", "Ada", {"vendor/c.py": module("x", "y")}, "no code"
    yield "Add a file", "Ada", {**edit, "new.py": "x = 1\n"}, "adds or removes code files"
    yield "Rename sums", "dependabot[bot]", edit, "by a bot"
    yield "Revert it", "Ada", edit, LAYOUT
    yield "Run black", "Ada", edit, LAYOUT
    yield "Bump to 2.0", "Ada", edit, LAYOUT
    yield "Change the licence", "Ada", edit, LAYOUT
    yield "Change one line", "Ada", {"a.py": module().replace("import os", "import sys")}, "one hunk"
    yield "Much", "Ada", {"a.py": module("x", "y", "z"), "b.py": module("x", "y", "z")}, "too many hunks"
    yield "Tidy up", "Ada", {"a.py": module().replace("print(item)", "print( item )")}, "only layout"


@pytest.mark.parametrize(("subject", "author", "files", "reason"), list(changes()))
def test_is_passed_over(
    history: History, subject: str, author: str, files: Mapping[str, str | None], reason: str
) -> None:
    history.commit(subject, files, author)
    commits, skipped = found(history)
    assert commits == []
    assert skipped == {reason: 1}


def test_a_small_commit_has_its_files_and_hunks(history: History) -> None:
    commit = history.commit("Rename sums", {"a.py": module("x", "y"), "notes.txt": "more\n"})
    [small], skipped = found(history)
    assert small.commit.id == commit
    assert small.files == {"a.py": module().splitlines()}
    assert [hunk.old[0] for hunk in small.hunks] == ["    total = 0", "    return total"] * 2
    assert not skipped


def test_merges_are_passed_over_and_what_they_merge_is_not(history: History) -> None:
    side = history.merge("Merge a branch", {"a.py": module("x", "y")})
    commits, _ = found(history)
    assert [small.commit.id for small in commits] == [side]


def test_caps_keep_the_newest(history: History) -> None:
    ids = [history.commit(f"To {name}", {"a.py": module(name, name)}) for name in ("x", "y", "z")]
    commits, _ = found(history, Limits(per_repository=2))
    assert [small.commit.id for small in commits] == [ids[2], ids[1]]
    commits, skipped = found(history, Limits(per_author=1))
    assert [small.commit.id for small in commits] == [ids[2]]
    assert skipped == {"author's share is full": 2}


def test_evaluation_text_is_kept_out(history: History) -> None:
    history.commit("Rename sums", {"a.py": module("x", "y")})
    copy = EvaluationText(texts=[module()])
    assert found(history, evaluation=copy) == ([], {"copy of an evaluation file": 1})


def test_evaluation_changes_are_kept_out(history: History) -> None:
    long_name = "the_very_long_name_of_a_running_total"
    history.commit("Rename sums", {"a.py": module(long_name, "y")})
    change = EvaluationText(changes=[(["    total = 0"], [f"    {long_name} = 0"])])
    assert found(history, evaluation=change) == ([], {"change of an evaluation case": 1})
