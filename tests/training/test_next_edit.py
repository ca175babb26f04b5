from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.training.history import History, module
from training.data.changes import apply
from training.data.examples import NextEdit, window
from training.data.exclusions import EvaluationText
from training.data.histories import Limits, SmallCommit, small_commits
from training.data.next_edit import MAX_TARGET_LINES, steps
from training.data.places import AROUND, FOCUS


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    history.commit("Begin", {"a.py": module(), "b.py": module()})
    return history


def newest(history: History) -> SmallCommit:
    return next(small_commits(history.bare, history.head, Limits(), EvaluationText(), Counter()))


def examples(history: History) -> list[NextEdit]:
    return list(steps("owner/name", newest(history)))


def test_each_step_asks_for_the_next_hunk(history: History) -> None:
    commit = history.commit("Rename", {"a.py": module("sums", "total", "sums")})
    first, second, third, done = examples(history)
    assert [example.step for example in (first, second, third, done)] == [1, 2, 3, 4]
    assert {example.commit for example in (first, second, third, done)} == {commit}
    assert first.target
    assert (first.target.old, first.target.new) == (("    return total",), ("    return sums",))
    assert first.cls == second.cls == third.cls == "rename"
    assert (done.cls, done.target) == ("done", None)


def test_recent_edits_are_diffs_against_the_state_before(history: History) -> None:
    history.commit("Rename", {"a.py": module("sums").replace("import os", "import os\nimport re")})
    _, _, done = examples(history)
    assert [edit.diff.split("\n")[2] for edit in done.edits] == [
        "@@ -1,4 +1,5 @@",
        "@@ -3,7 +3,7 @@",
        "@@ -6,7 +6,7 @@",
    ]
    assert "+    sums = 0" in done.edits[1].diff
    assert "     sums = 0" in done.edits[2].diff


def test_places_and_excerpts_are_of_the_file_now(history: History) -> None:
    history.commit("Rename", {"a.py": "import re\n" + module("sums", "sums"), "b.py": module("sums")})
    small = newest(history)
    for example in steps("owner/name", small):
        files = {path: list(lines) for path, lines in small.files.items()}
        growth: Counter[str] = Counter()
        for hunk in small.hunks[: example.step]:
            apply(hunk.moved(growth[hunk.path]), files[hunk.path])
            growth[hunk.path] += hunk.growth
        for excerpt in example.excerpts:
            assert list(excerpt.lines) == files[excerpt.path][excerpt.start - 1 : excerpt.end - 1]
        if example.target:
            place = example.places[example.target.place]
            assert place.origin == "target"
            assert window(example.excerpts, place, 0, 0).lines == example.target.old


def test_every_place_has_lines_around_it(history: History) -> None:
    long = module() + "\n" + "\n".join(f"value_{index} = {index}" for index in range(200)) + "\n"
    history.commit("Make it longer", {"a.py": long})
    changed = long.replace("value_80 = 80", "value_80 = 81").replace("value_150 = 150", "value_150 = 151")
    history.commit("Change values", {"a.py": changed})
    first, _ = examples(history)
    for place in first.places:
        shown = window(first.excerpts, place, AROUND, AROUND)
        assert place.start - shown.start == min(AROUND, place.start - 1)
        assert shown.end - place.start - place.count == AROUND
    assert first.target
    shown = window(first.excerpts, first.places[first.target.place], *FOCUS)
    assert len(shown.lines) == sum(FOCUS) + 1


def test_distractors_are_mentions_of_what_was_touched(history: History) -> None:
    uses = module() + "\n" + "\n\n\n".join(f"x_{index} = make_it({index})" for index in range(9)) + "\n"
    history.commit("Use it", {"a.py": uses})
    history.commit(
        "Call it", {"a.py": uses.replace("make_it(3)", "do_it(3)").replace("make_it(7)", "do_it(7)")}
    )
    first, done = examples(history)
    assert first.target
    assert first.target.reached == "mention"
    mentions = [place for place in first.places if place.origin == "mention"]
    assert 0 < len(mentions) <= 6
    for place in mentions:
        assert "make_it" in window(first.excerpts, place, 0, 0).lines[0]
    assert {place.origin for place in first.places} >= {"target", "applied", "mention"}
    assert "target" not in {place.origin for place in done.places}


def test_places_are_in_reading_order_and_do_not_tell_the_target(history: History) -> None:
    history.commit("Rename", {"a.py": module("one", "two", "three")})
    for example in examples(history):
        assert list(example.places) == sorted(example.places, key=lambda place: (place.path, place.start))


def test_later_edits_are_marked(history: History) -> None:
    history.commit("Rename", {"a.py": module("one", "two")})
    first, second, third, _ = examples(history)
    later = [sum(place.origin == "later" for place in example.places) for example in (first, second, third)]
    assert later == [2, 1, 0]


def test_novel_names_stand_nowhere_yet(history: History) -> None:
    history.commit("Rename", {"a.py": module("known").replace("def function_3", "def unheard_of")})
    first, second, _ = examples(history)
    assert (first.novel, second.novel) == (0, 1)


def test_targets_too_long_or_blank_are_only_applied(history: History) -> None:
    long = "\n".join(f"    line_{index}()" for index in range(MAX_TARGET_LINES + 1))
    text = module("sums").replace("def function_3(items):", f"def function_3(items):\n{long}")
    history.commit("Grow", {"a.py": text.replace("def function_2(items)", "def  function_2(items)")})
    assert [example.step for example in examples(history)] == [1, 4]


def test_a_target_in_another_file(history: History) -> None:
    history.commit("Rename", {"a.py": module("sums"), "b.py": module("sums")})
    _, second, _, _ = examples(history)
    assert second.target
    assert second.cursor.path == "a.py"
    assert second.places[second.target.place].path == "b.py"
