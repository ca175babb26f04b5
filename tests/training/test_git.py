from __future__ import annotations

from pathlib import Path

from tests.training.history import History, module
from training.data import git


def test_history_is_newest_first_and_without_merges(tmp_path: Path) -> None:
    history = History(tmp_path)
    first = history.commit("First", {"a.py": "1\n"}, author="Grace \x1b Hopper")
    side = history.merge("Merge it", {"b.py": "2\n"})
    commits = list(git.history(history.bare, history.head))
    assert [commit.id for commit in commits] == [side, first]
    assert commits[0].subject == "Work on the side"
    assert [(change.status, change.path) for change in commits[0].changes] == [("A", "b.py")]


def test_patches_go_on_past_missing_blobs(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": module(), "b.txt": "text\n"})
    commits = [
        history.commit(f"Name {name}", {"a.py": module(name)}) for name in ("one", "two", "three", "four")
    ]
    history.lose(history.blob(f"{commits[1]}:a.py"))
    patches = dict(git.patches(history.bare, commits, [".py"]))
    # Both the commit that made the missing text and the one that changed it are lost, and no other.
    assert list(patches) == [commits[0], commits[3]]
    assert b"+    four = 0" in patches[commits[3]]


def test_patches_are_of_the_wanted_files_alone(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": "1\n", "b.txt": "1\n"})
    commit = history.commit("Change", {"a.py": "2\n", "b.txt": "2\n", "c.py": "new\n"})
    [(_, patch)] = git.patches(history.bare, [commit], [".py"])
    assert patch.count(b"diff --git") == 1


def test_blobs_are_read_or_known_to_be_missing(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": "text\n", "empty.py": "", "sub/é.py": "x"})
    files = {file.path: file for file in git.tree(history.bare, history.head)}
    assert {path: file.size for path, file in files.items()} == {"a.py": 5, "empty.py": 0, "sub/é.py": 1}
    with git.Blobs(history.bare) as blobs:
        assert blobs.read(files["a.py"].blob) == b"text\n"
        assert blobs.read("0" * 40) is None
        assert blobs.read(files["empty.py"].blob) == b""


def test_has_commit(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert git.has_commit(history.bare, history.commit("Begin", {"a.py": "1\n"}))
    assert not git.has_commit(history.bare, "0" * 40)
