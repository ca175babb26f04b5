"""What is walked and what is not, in plain folders, work trees, and folders within them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from retrieval.walk import DEFAULT_LIMITS, Limits, Walker


def files(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("text\n")
    return root


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def walked(root: Path, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """Every path, and `look` agrees about each of them."""
    walker = Walker(root, limits)
    found = sorted(walker.walk())
    for each in found:
        assert walker.look(each.path) == [each]
    for folder in {each.path.rpartition("/")[0] for each in found} - {""}:
        assert sorted(walker.look(folder)) == [each for each in found if each.path.startswith(folder + "/")]
    return [each.path for each in found]


def test_a_plain_folder(tmp_path: Path) -> None:
    files(
        tmp_path, "a.py", "b/c.py", ".git/config", "node_modules/x.js", ".env", "b/id_rsa", ".github/ci.yml"
    )
    (tmp_path / "empty.py").touch()
    assert walked(tmp_path) == [".github/ci.yml", "a.py", "b/c.py"]


def test_links_are_not_followed_and_make_no_loops(tmp_path: Path) -> None:
    files(tmp_path / "root", "a/b.py")
    files(tmp_path / "outside", "c.py")
    (tmp_path / "root" / "a" / "loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "link.py").symlink_to(tmp_path / "outside" / "c.py")
    os.mkfifo(tmp_path / "root" / "pipe.py")
    (tmp_path / "alias").symlink_to(tmp_path / "root")
    assert walked(tmp_path / "root") == ["a/b.py"]
    assert walked(tmp_path / "alias") == ["a/b.py"]
    assert Walker(tmp_path / "root").look("out/c.py") == []


def test_a_folder_within_a_work_tree_goes_by_the_rules_above_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    files(tmp_path, "a/b/c.py", "a/b/c.log", "a/b/gen/d.py", "a/gen/e.py")
    (tmp_path / ".gitignore").write_text("*.log\n/a/b/gen\n")
    (tmp_path / "a" / ".gitignore").write_text("/gen\n")
    assert walked(tmp_path / "a") == [".gitignore", "b/c.py"]
    assert walked(tmp_path / "a" / "b") == ["c.py"]
    assert walked(tmp_path / "a" / "gen") == ["e.py"]  # it was opened in so many words


def test_a_submodule_goes_by_its_own_rules(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for root in (inner, outer):
        files(root, "a.py", "b.log", "c.tmp")
        git(root, "init", "-q")
    (inner / ".gitignore").write_text("*.tmp\n")
    (outer / ".gitignore").write_text("*.log\n")
    git(inner, "add", "-A")
    git(inner, "commit", "-qm", "a")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    assert walked(outer) == [
        ".gitignore",
        ".gitmodules",
        "a.py",
        "c.tmp",
        "sub/.gitignore",
        "sub/a.py",
        "sub/b.log",
    ]


def test_a_linked_work_tree_shares_info_exclude(tmp_path: Path) -> None:
    main = files(tmp_path / "main", "a.py", "b.tmp")
    git(main, "init", "-q")
    git(main, "add", "a.py")
    git(main, "commit", "-qm", "a")
    (main / ".git" / "info" / "exclude").write_text("*.tmp\n")
    git(main, "worktree", "add", "-q", str(tmp_path / "linked"))
    files(tmp_path / "linked", "c.tmp")
    assert walked(tmp_path / "linked") == ["a.py"]


def test_what_is_too_large_or_too_deep(tmp_path: Path) -> None:
    files(tmp_path, "a.py", "b/c/d.py")
    (tmp_path / "big.py").write_text("x = 1\n" * 100)
    (tmp_path / "data.json").write_text("1\n" * 100)
    assert walked(tmp_path, Limits(code_bytes=300)) == ["a.py", "b/c/d.py", "data.json"]
    assert walked(tmp_path, Limits(text_bytes=100)) == ["a.py", "b/c/d.py", "big.py"]
    assert walked(tmp_path, Limits(depth=1)) == ["a.py", "big.py", "data.json"]


def test_the_number_of_files_is_limited(tmp_path: Path) -> None:
    files(tmp_path, *(f"{number}.py" for number in range(9)))
    assert len(list(Walker(tmp_path, Limits(files=5)).walk())) == 5


def test_names_that_are_no_text(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff\xfe.py", os.O_CREAT | os.O_WRONLY))
    (tmp_path / os.fsdecode(b"\xff\xfe.py")).write_text("x")
    assert walked(files(tmp_path, "a.py")) == ["a.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_costs_only_itself(tmp_path: Path) -> None:
    files(tmp_path, "a.py", "b/c.py")
    (tmp_path / "b").chmod(0)
    assert walked(tmp_path) == ["a.py"]
    (tmp_path / "b").chmod(0o700)
