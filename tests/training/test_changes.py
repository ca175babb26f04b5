from __future__ import annotations

import difflib
import random
from pathlib import Path

import pytest

from tests.training.history import History
from training.data import git
from training.data.changes import (
    Hunk,
    PatchError,
    apply,
    as_diff,
    count_joined,
    fits,
    is_blank_change,
    is_formatting,
    joined,
    parse_patch,
)

PATCH = b"""\
diff --git a/b.py b/b.py
--- a/b.py
+++ b/b.py
@@ -3 +3,2 @@ def f():
-old
+new
+--- more
@@ -9,0 +11 @@ def f():
+added
\\ No newline at end of file
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -5,2 +4,0 @@
--- a comment in SQL
-gone
"""


def test_hunks_come_in_order_of_path_and_line() -> None:
    assert parse_patch(PATCH) == [
        Hunk("a.py", 5, ("-- a comment in SQL", "gone"), ()),
        Hunk("b.py", 3, ("old",), ("new", "--- more")),
        Hunk("b.py", 10, (), ("added",)),
    ]


def test_a_changed_final_newline_is_no_hunk() -> None:
    assert parse_patch(b"+++ b/a.py\n@@ -1 +1 @@\n-same\n\\ No newline at end of file\n+same\n") == []


def test_other_encodings_are_refused() -> None:
    with pytest.raises(PatchError):
        parse_patch(b"+++ b/a.py\n@@ -1 +1 @@\n-caf\xe9\n+cafe\n")


def test_hunks_one_line_apart_are_joined() -> None:
    files = {"a.py": ["1", "2", "3", "4", "5", "6"]}
    hunks = [Hunk("a.py", 1, ("1",), ()), Hunk("a.py", 3, ("3",), ("x",)), Hunk("a.py", 6, ("6",), ("y",))]
    assert joined(hunks, files) == (
        Hunk("a.py", 1, ("1", "2", "3"), ("2", "x")),
        Hunk("a.py", 6, ("6",), ("y",)),
    )
    assert count_joined(hunks) == 2


def test_diff_is_that_of_the_standard_library() -> None:
    old = [f"line {index}" for index in range(30)]
    for start, removed, added in [(1, 1, 2), (10, 0, 3), (15, 4, 0), (30, 1, 1), (31, 0, 1)]:
        hunk = Hunk("a.py", start, tuple(old[start - 1 : start - 1 + removed]), ("x",) * added)
        new = list(old)
        apply(hunk, new)
        expected = "\n".join(difflib.unified_diff(old, new, "a/a.py", "b/a.py", lineterm=""))
        assert as_diff(hunk, old) == expected + "\n"


def test_layout_is_told_from_edits() -> None:
    assert is_blank_change(Hunk("a.py", 1, ("f(a)",), ("  f( a )", "")))
    assert is_formatting(Hunk("a.py", 1, ("f('a', b)",), ("f(", '    "a",', "    b,", ")")))
    assert not is_formatting(Hunk("a.py", 1, ("f(a)",), ("f(b)",)))


def test_all_hunks_of_a_commit_give_its_files(tmp_path: Path) -> None:
    chance = random.Random(5)
    history = History(tmp_path / "repository")
    old = [f"line {chance.randrange(12)}" for _ in range(200)]
    history.commit("One", {"a.py": "\n".join(old) + "\n"})
    for _ in range(10):
        new = [line for line in old if chance.random() > 0.03]
        for _ in range(6):
            new.insert(chance.randrange(len(new)), f"line {chance.randrange(12)}")
        commit = history.commit("Next", {"a.py": "\n".join(new) + "\n"})
        [(_, patch)] = git.patches(history.bare, [commit], [".py"])
        lines, growth = list(old), 0
        for hunk in joined(parse_patch(patch), {"a.py": old}):
            assert fits(hunk.moved(growth), lines)
            apply(hunk.moved(growth), lines)
            growth += hunk.growth
        assert lines == new
        old = new
