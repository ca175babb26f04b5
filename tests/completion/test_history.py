from __future__ import annotations

import random

import pytest

from completion.history import KEPT, PAUSE, History
from completion.next_edit.moment import Moment, changes_of

A = "one\ntwo\nthree\nfour\nfive\nsix\n"


def typed(history: History, text: str, old: str, new: str, at: float, path: str = "a.py") -> str:
    after = text.replace(old, new, 1)
    history.record(path, text, after, at)
    return after


def test_keystrokes_at_one_place_are_one_edit() -> None:
    history = History()
    text = typed(history, A, "two", "twoX", 0.0)
    text = typed(history, text, "twoX", "twoXY", 0.2)
    typed(history, text, "twoXY\n", "twoXY\nnew\n", 0.4)
    (change,) = history.changes()
    assert (change.start, change.old, change.new) == (2, ("two",), ("twoXY", "new"))
    assert (change.before, change.after) == (("one",), ("three", "four", "five"))


def test_a_pause_begins_another_edit() -> None:
    history = History()
    text = typed(history, A, "two", "two X", 0.0)
    typed(history, text, "two X", "two X Y", 0.1 + PAUSE)
    assert [change.old for change in history.changes()] == [("two",), ("two X",)]


@pytest.mark.parametrize("then", ["a new_name(b)", "a newest(b)", "a ne(b)", "a renew(b)", "a other(b)"])
def test_a_word_that_is_typed_in_two_goes_is_one_edit(then: str) -> None:
    history = History()
    typed(history, typed(history, "a old(b)\n", "old", "new", 0.0), "a new(b)", then, 99.0)
    assert [(change.old, change.new) for change in history.changes()] == [(("a old(b)",), (then,))]


def test_an_accepted_end_of_a_word_belongs_to_what_was_typed() -> None:
    history = History()
    text = typed(history, "a old(b)\n", "old", "ne", 0.0)
    history.record("a.py", text, "a newest(b)\n", 1.0, by_model=True)
    assert [(change.old, change.new) for change in history.changes()] == [(("a old(b)",), ("a newest(b)",))]
    history.record("a.py", "a newest(b)\n", "a newest(b) + c\n", 2.0, by_model=True)
    assert [change.by_model for change in history.changes()] == [False, True]


@pytest.mark.parametrize("then", ["a new(bc)", "a new(b) c", "a new (b)", "b new(b)", "a new(b)\nc"])
def test_another_word_after_a_pause_is_another_edit(then: str) -> None:
    history = History()
    typed(history, typed(history, "a old(b)\n", "old", "new", 0.0), "a new(b)", then, 99.0)
    assert len(history.changes()) == 2


def test_when_the_last_edits_were_begun() -> None:
    history = History()
    assert history.since(2) == float("inf")
    text = typed(history, A, "one", "1", 10.0)
    text = typed(history, text, "five", "fiv", 20.0)
    typed(history, text, "fiv", "5", 21.0)
    assert [history.since(edits) for edits in (1, 2, 9)] == [20.0, 10.0, 10.0]


def test_another_place_begins_another_edit() -> None:
    history = History()
    text = typed(history, A, "two", "twoX", 0.0)
    typed(history, text, "five", "fiveX", 0.1)
    assert [change.start for change in history.changes()] == [2, 5]


def test_another_file_begins_another_edit() -> None:
    history = History()
    text = typed(history, A, "two", "twoX", 0.0)
    typed(history, A, "one", "oneX", 0.1, path="b.py")
    typed(history, text, "twoX", "twoXY", 0.2)
    assert [(change.path, change.new) for change in history.changes()] == [
        ("a.py", ("twoX",)),
        ("b.py", ("oneX",)),
        ("a.py", ("twoXY",)),
    ]


def test_what_was_accepted_is_the_models_own() -> None:
    history = History()
    text = typed(history, A, "two", "twoX", 0.0)
    history.record("a.py", text, text.replace("twoX", "twoX Y"), 0.1, by_model=True)
    assert [change.by_model for change in history.changes()] == [False, True]


def test_undo_and_redo_take_the_history_along() -> None:
    history = History()
    one = typed(history, A, "two", "TWO", 0.0)
    two = typed(history, one, "five", "FIVE", 10.0)
    kept = history.changes()
    assert history.record("a.py", two, one, 20.0) == "undo"
    assert history.changes() == kept[:1]
    assert history.record("a.py", one, A, 20.1) == "undo"
    assert history.changes() == ()
    assert history.record("a.py", A, one, 20.2) == "redo"
    assert history.record("a.py", one, two, 20.3) == "redo"
    assert history.changes() == kept


def test_an_edit_after_an_undo_forgets_what_was_undone() -> None:
    history = History()
    one = typed(history, A, "two", "TWO", 0.0)
    history.record("a.py", one, A, 1.0)
    typed(history, A, "three", "THREE", 2.0)
    assert [change.new for change in history.changes()] == [("THREE",)]
    assert history.record("a.py", A, one, 3.0) == "edit"


def test_only_so_many_are_kept() -> None:
    history = History()
    text = A
    for number in range(2 * KEPT):
        text = typed(history, text, "one", f"one {number}\none", 10.0 * number)
    assert len(history.changes()) == KEPT
    assert len(history.changes(3)) == 3


def test_a_forgotten_file_is_gone() -> None:
    history = History()
    typed(history, A, "two", "TWO", 0.0)
    history.forget("a.py")
    assert history.changes() == ()


def test_diffs_are_read_as_they_are_written() -> None:
    history = History()
    text = typed(history, A, "two", "TWO", 0.0)
    text = typed(history, text, "four\n", "", 10.0)
    typed(history, text, "one\n", "zero\none\n", 20.0)
    for change in history.changes():
        assert list(changes_of("a.py", change.diff())) == [change]


def test_random_sessions_are_told_truly() -> None:
    """Undoing the changes backwards from the text now gives the text at the start."""
    for seed in range(60):
        chance = random.Random(seed)
        history, text, at = History(), [f"line {n}" for n in range(12)], 0.0
        start = list(text)
        for _ in range(chance.randrange(1, 14)):
            first = chance.randrange(len(text) + 1)
            last = min(first + chance.randrange(3), len(text))
            new = [f"new {chance.random():.6f}" for _ in range(chance.randrange(3))]
            after = [*text[:first], *new, *text[last:]]
            at += chance.choice([0.1, 0.1, 5.0])
            history.record("a.py", "\n".join([*text, ""]), "\n".join([*after, ""]), at)
            text = after
        now = list(text)
        for change in reversed(history.changes()):
            assert tuple(now[change.start - 1 : change.end - 1]) == change.new, seed
            now[change.start - 1 : change.end - 1] = change.old
        assert now == start, seed


def test_places_are_told_as_they_are_now() -> None:
    history = History()
    text = typed(history, A, "five", "FIVE", 0.0)
    text = typed(history, text, "one", "zero\none", 10.0)
    state = Moment({"a.py": text.split("\n")}, history.changes(), "a.py", 1)
    assert [change.start for change in state.recent] == [6, 1]


def test_undo_is_recognised_in_the_files_changed_last() -> None:
    """What is kept for that of all the files of a long day would be most of a server's memory."""
    history = History()
    paths = [f"{number}.py" for number in range(40)]
    for at, path in enumerate(paths):
        typed(history, A, "two", "2", 10.0 * at, path)
    after = A.replace("two", "2")
    assert history.record(paths[-1], after, A, 500.0) == "undo"
    assert history.record(paths[0], after, A, 510.0) == "edit"
