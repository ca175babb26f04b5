"""Ignore rules, compared with git itself on random trees, and what `.tacitignore` adds."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from retrieval.git import base_rules, work_tree
from retrieval.ignore import Ignore

TREES = int(os.environ.get("TACIT_TEST_TREES", "60"))

PIECES = [
    *("a", "b", "c", "ab", "abc", "foo", "bar", "x.py", "x.o", "é", "a b", ".h"),
    *(
        "*",
        "*",
        "**",
        "?",
        "*.py",
        "*.o",
        "a*",
        "*b",
        "**a",
        "a**",
        "f?o",
        "[ab]",
        "[!a]*",
        "[a-c]",
        "[]a]",
        "[^b]",
    ),
    *("[[:alpha:]]*", "[a", "[[:x:]]", "\\a", "\\*", "\\", "x.*", "[a-]", "[c-a]", "[\\]a]", "?*", "a\\ "),
]
NAMES = ["a", "b", "c", "ab", "abc", "foo", "bar", "x.py", "x.o", "é", "a b", ".h", "*", "]", "-"]


def random_pattern(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice(
            ["", " ", "#a", "\\#a", "!", "/", "//", "/*", "!/*", "**", "/**", "**/", "\\!a", "  a"]
        )
    pattern = "/".join(chance.choice(PIECES) for _ in range(chance.choice([1, 1, 1, 2, 2, 3])))
    start = chance.choice(["", "", "", "", "!", "!", "/", "!/", "**/", "/**/"])
    end = chance.choice(["", "", "", "", "/", "/", "/*", "/**", " ", "\t", "\r", "  "])
    return start + pattern + end


def random_list(chance: random.Random) -> bytes:
    lines = [random_pattern(chance) for _ in range(chance.randint(1, 6))]
    bom = b"\xef\xbb\xbf" if chance.random() < 0.05 else b""
    return bom + "\n".join(lines).encode() + b"\n" * chance.randint(0, 1)


def make_tree(chance: random.Random, folder: Path, depth: int) -> None:
    if chance.random() < (1 if depth == 0 else 0.3):
        (folder / ".gitignore").write_bytes(random_list(chance))
    for name in chance.sample(NAMES, k=chance.randint(2, 7)):
        if depth < 3 and chance.random() < 0.5:
            (folder / name).mkdir()
            make_tree(chance, folder / name, depth + 1)
        else:
            (folder / name).touch()


def ours(root: Path) -> set[str]:
    """Every ignored path, what lies in ignored folders included."""
    ignored: set[str] = set()

    def visit(folder: Path, base: str, rules: Ignore, lost: bool) -> None:
        rules = rules if lost else rules.inside(folder, base.encode())
        for entry in os.scandir(folder):
            path = base + entry.name
            if path == ".git":
                continue
            gone = lost or rules.ignores(path.encode(), entry.is_dir(follow_symlinks=False))
            if gone:
                ignored.add(path)
            if entry.is_dir(follow_symlinks=False):
                visit(folder / entry.name, path + "/", rules, gone)

    visit(root, "", base_rules(work_tree(root)), False)
    return ignored


def everything(root: Path) -> list[str]:
    found = [path.relative_to(root).as_posix() for path in root.rglob("*")]
    return [path for path in found if path != ".git" and not path.startswith(".git/")]


def gits(root: Path) -> set[str]:
    paths = "\0".join(everything(root)).encode()
    out = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root,
        input=paths,
        capture_output=True,
        check=False,
    )
    assert out.returncode in (0, 1), out.stderr
    return set(out.stdout.decode().split("\0")) - {""}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of our own, so that nobody's global ignore list takes part."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


def repository(folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


@pytest.mark.parametrize("seed", range(TREES))
def test_the_same_as_git_on_random_trees(seed: int, tmp_path: Path, home: Path) -> None:
    chance = random.Random(seed)
    root = repository(tmp_path / "root")
    make_tree(chance, root, 0)
    if chance.random() < 0.5:
        (root / ".git" / "info" / "exclude").write_bytes(random_list(chance))
    if chance.random() < 0.3:
        (home / "excludes").write_bytes(random_list(chance))
        (home / ".gitconfig").write_text('[core]\n\texcludesFile = "~/excludes"  # mine\n')
    elif chance.random() < 0.5:
        (home / ".config" / "git").mkdir(parents=True)
        (home / ".config" / "git" / "ignore").write_bytes(random_list(chance))
    assert ours(root) == gits(root)


@pytest.mark.parametrize("seed", range(TREES // 4))
def test_the_same_as_git_where_case_makes_no_difference(seed: int, tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "root")
    subprocess.run(["git", "config", "core.ignoreCase", "true"], cwd=root, check=True)
    make_tree(random.Random(seed), root, 0)
    for path in root.rglob(".gitignore"):
        path.write_bytes(path.read_bytes().swapcase())
    assert ours(root) == gits(root)


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("*.log\n!keep.log", "a/keep.log", False),
        ("build/\n!build/keep", "build/keep", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/f**", "a/f/g", True),
        ("foo\\ ", "foo ", True),
        ("/top", "sub/top", False),
    ],
)
def test_what_the_manual_says(rules: str, path: str, ignored: bool, tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "root")
    (root / ".gitignore").write_text(rules)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).touch()
    assert (path in ours(root)) is ignored
    assert ours(root) == gits(root)


def test_tacitignore_tightens_and_includes(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "root")
    (root / ".gitignore").write_text("build/\n*.log\n")
    (root / ".tacitignore").write_text("vendor/\n!build/\n!node_modules/\n")
    for path in ("build/a.py", "build/b.log", "vendor/c.py", "node_modules/d.js", "e.py"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()
    assert ours(root) == {"build/b.log", "vendor", "vendor/c.py"}


def test_without_git_there_are_still_folders_that_nobody_searches(tmp_path: Path, home: Path) -> None:
    (tmp_path / "root" / "node_modules").mkdir(parents=True)
    (tmp_path / "root" / ".gitignore").write_text("*.o\n")
    (tmp_path / "root" / "a.o").touch()
    assert ours(tmp_path / "root") == {"node_modules", "a.o"}


def test_an_ignore_list_that_is_a_link_or_a_pipe_is_not_read(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "root")
    (tmp_path / "list").write_text("*\n")
    (root / ".gitignore").symlink_to(tmp_path / "list")
    (root / "sub").mkdir()
    (root / "a").touch()
    assert ours(root) == gits(root) == set()
    os.mkfifo(root / "sub" / ".gitignore")  # git itself would wait here for ever
    assert ours(root) == set()
