"""What changes together belongs together."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from retrieval.cochange import LARGEST, CoChange, commits_of, top_of


def test_what_changes_together_goes_before_what_changes_always() -> None:
    commits = [["a.py", "test_a.py", "CHANGES"], ["b.py", "CHANGES"], ["c.py", "CHANGES"]] * 20
    found = CoChange(commits).related("a.py")
    assert [each.path for each in found] == ["test_a.py", "CHANGES"]
    assert found[0].commits == 20
    assert 0 < found[1].score < found[0].score <= 1


def test_what_was_together_lately_goes_before_what_was_long_ago() -> None:
    commits = [["a", "new"]] * 5 + [["x", "y"]] * 2000 + [["a", "old"]] * 5
    assert [each.path for each in CoChange(commits).related("a")] == ["new", "old"]


def test_a_commit_of_everything_says_nothing() -> None:
    known = CoChange([[f"{n}.py" for n in range(LARGEST + 1)]])
    assert known.related("0.py") == []
    assert known.related("never seen") == []


def git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    folder.mkdir()
    git(folder, "init", "-q")
    for number in range(3):
        for name in ("ä b\n.py", "test.py"):
            (folder / name).write_text(f"{number}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "it\x01self")
    return folder


def test_names_are_read_as_they_are(tree: Path) -> None:
    assert list(commits_of(tree)) == [["test.py", "ä b\n.py"]] * 3
    assert [each.path for each in CoChange(commits_of(tree)).related("test.py", there=tree)] == ["ä b\n.py"]
    assert len(list(commits_of(tree, most=2))) == 2


def test_what_is_gone_is_not_told(tree: Path) -> None:
    (tree / "ä b\n.py").unlink()
    assert CoChange(commits_of(tree)).related("test.py", there=tree) == []


def test_without_a_history_there_is_nothing(tmp_path: Path) -> None:
    assert top_of(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert list(commits_of(tmp_path)) == []
