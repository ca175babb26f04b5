from __future__ import annotations

import random
from xml.etree import ElementTree

import numpy as np

from bench.next_edit_ensemble import is_near, is_right, moment_of
from completion.next_edit.proposal import Proposal
from training.data.changes import Hunk
from training.data.git import Commit
from training.data.histories import SmallCommit
from training.next_edit_gate import listwise, newton
from training.next_edit_moments import moment
from training.next_edit_reliability import drawn
from training.next_edit_unfinished import is_to_come, rests

OLD = [f"line {number}" for number in range(1, 21)]
HUNKS = (
    Hunk("a.py", 3, ("line 3",), ("new 3", "more 3")),
    Hunk("a.py", 8, (), ("new 8",)),
    Hunk("b.py", 2, ("line 2",), ()),
)
COMMIT = SmallCommit(
    Commit("c" * 40, "Ann", "2024-01-01", "Change", ()), {"a.py": OLD, "b.py": list(OLD)}, HUNKS
)


def test_a_moment_is_an_evaluation_case() -> None:
    case = moment("o/r", COMMIT, 1)
    assert case["target"] == {"path": "a.py", "start_line": 9, "old_count": 0, "old": [], "new": ["new 8"]}
    assert case["later_targets"][0]["start_line"] == 2
    state = moment_of(case)
    assert state.files["a.py"][2:4] == ["new 3", "more 3"]
    (change,) = state.recent
    assert (change.start, change.old, change.new) == (3, ("line 3",), ("new 3", "more 3"))
    assert (state.path, state.line) == ("a.py", 4)


def test_a_change_is_typed_again_from_its_first_letter_to_its_last() -> None:
    case = moment("o/r", COMMIT, 1)
    *inside, last = rests(case, inside=4)
    assert last.kind == "end"
    assert last.moment.files == moment_of(case).files
    typed = []
    for state, kind in inside:
        lines = state.files["a.py"]
        assert state.column is not None
        typed.append("\n".join([*lines[2 : state.line - 1], lines[state.line - 1][: state.column]]))
        assert "new 3\nmore 3".startswith(typed[-1])
        assert state.changes[0].old == ("line 3",)
        assert kind in ("word", "between")
    assert sorted(typed, key=len) == typed  # in the order of typing


def test_right_while_typing_is_what_one_of_the_hunks_to_come_does() -> None:
    case = moment("o/r", COMMIT, 1)
    state = next(rests(case)).moment
    assert is_to_come(case, state, Proposal("a.py", 8, 0, ("new 8",), "x"))
    assert is_to_come(case, state, Proposal("b.py", 2, 1, (), "x"))
    assert not is_to_come(case, state, Proposal("b.py", 3, 1, (), "x"))
    assert not is_to_come(case, state, Proposal("a.py", 8, 0, ("new",), "x"))


def test_after_the_last_hunk_nothing_is_left() -> None:
    case = moment("o/r", COMMIT, 3)
    assert (case["target"], case["cls"], case["later_targets"]) == (None, "done", [])


def test_right_is_what_leaves_the_same_file() -> None:
    case = moment("o/r", COMMIT, 1)
    assert is_right(case, Proposal("a.py", 9, 0, ("new 8",), "x"))
    assert is_right(case, Proposal("a.py", 9, 1, ("new 8", "line 8"), "x"))
    assert not is_right(case, Proposal("a.py", 10, 0, ("new 8",), "x"))
    assert not is_right(case, Proposal("b.py", 9, 0, ("new 8",), "x"))
    assert is_near(case, Proposal("a.py", 10, 1, ("line 9",), "x"))
    assert not is_near(case, Proposal("a.py", 12, 1, ("line 11",), "x"))


def test_newton_finds_the_weights_that_made_the_data() -> None:
    chance = random.Random(1)
    rows = np.array([[1.0, chance.gauss(0, 1)] for _ in range(4000)])
    truth = 1 / (1 + np.exp(-(rows @ np.array([-1.0, 2.0]))))
    right = np.array([float(chance.random() < each) for each in truth])
    constant, slope = newton(rows, right, np.ones(len(rows)), 0.1)
    assert abs(constant + 1) < 0.2
    assert abs(slope - 2) < 0.2


def test_what_is_right_is_ranked_first_and_silence_where_nothing_is() -> None:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(3000, 4)).astype(np.float32)
    rows[:, 3] = 1
    starts = np.arange(0, 3000, 5)
    scores = (rows @ np.array([2.0, -1.0, 0.0, -1.0])).reshape(-1, 5)
    best = scores.argmax(1)
    right = np.zeros(3000, bool)
    answered = scores.max(1) > 0
    right[(starts + best)[answered]] = True
    weights = listwise(rows, starts, right, np.ones(600), 0.1, [0.0] * 4)
    found = (rows @ weights).reshape(-1, 5)
    assert (found.argmax(1) == best)[answered].mean() > 0.97
    assert ((found.max(1) > 0) == answered).mean() > 0.95


def test_the_picture_has_a_dot_for_every_tenth_with_predictions() -> None:
    picture = ElementTree.fromstring(drawn([(4, 0.05, 0.1), (0, 0.15, 0.0), (2, 0.95, 1.0)]))
    dots = [shape for shape in picture.iter() if shape.tag.endswith("circle")]
    assert [shape[0].text for shape in dots] == [
        "4 predictions, mean 0.050, right 0.100",
        "2 predictions, mean 0.950, right 1.000",
    ]
