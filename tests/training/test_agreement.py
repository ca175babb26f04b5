from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.training.history import History, module
from training.data.agreement import compare, look_up

EVERYTHING = {"commit is taken", "recent edits", "files", "target", "class of a target"}

LINES = [
    *("--- a/a.py", "+++ b/a.py", "@@ -2,7 +2,7 @@"),
    *(" ", " ", " def function_1(items):"),
    *("-    total = 0", "+    sums = 0"),
    *("     for item in items:", "         print(item)", "     return total"),
]
DIFF = "\n".join([*LINES, ""])


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": module()})
    return history


def case(**changes: Any) -> dict[str, Any]:
    """The first step of renaming a variable, as an evaluation case."""
    target = {"path": "a.py", "start_line": 8, "old": ["    return total"], "new": ["    return sums"]}
    files = {"a.py": module().replace("total = 0", "sums = 0", 1)}
    plain = {"k": 1, "cls": "rename", "files": files, "recent_edits": [{"path": "a.py", "diff": DIFF}]}
    return {**plain, "target": target, **changes}


def test_the_same_case_agrees_in_everything(history: History) -> None:
    small = look_up(history.bare, history.commit("Rename", {"a.py": module("sums")}))
    assert set(compare(case(), small)) == EVERYTHING


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"files": {"a.py": module()}}, {"files"}),
        ({"recent_edits": []}, {"recent edits"}),
        ({"target": None}, {"target", "class of a target"}),
        ({"cls": "other"}, {"class of a target"}),
    ],
)
def test_a_difference_is_seen(history: History, changes: dict[str, Any], lost: set[str]) -> None:
    small = look_up(history.bare, history.commit("Rename", {"a.py": module("sums")}))
    assert set(compare(case(**changes), small)) == EVERYTHING - lost


def test_commits_of_other_shapes_are_not_taken(history: History) -> None:
    assert look_up(history.bare, history.commit("One line", {"a.py": module() + "\nx = 1\n"})) is None
