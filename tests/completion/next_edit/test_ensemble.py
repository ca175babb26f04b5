from __future__ import annotations

import pytest

from completion.next_edit.ensemble import JUMP, NextEdit, next_edit
from completion.next_edit.gate import threshold, weights
from completion.next_edit.proposal import Proposal
from completion.next_edit.vetoes import Parsed, reason_against, reverts
from completion.reasons import Reason, Silence
from tests.completion.next_edit.support import moment

RENAMED = "error_code = 0\n\n\nif check():\n    error_code = 1\n\n\nsys.exit(error_code)\n"


def test_a_rename_goes_on_at_the_next_place() -> None:
    answer = next_edit(moment(RENAMED, ("error_code = 0", "exit_code = 0")))
    assert isinstance(answer, NextEdit)
    assert answer.proposal.key == ("a.py", 5, 1, ("    exit_code = 1",))
    assert answer.probability >= threshold(0.6, weights().precisions)


def test_one_tab_after_the_other() -> None:
    """A chain: each accepted edit is a change that the next one follows from."""
    once = moment(RENAMED, ("error_code = 0", "exit_code = 0"), ("    error_code = 1", "    exit_code = 1"))
    answer = next_edit(once)
    assert isinstance(answer, NextEdit)
    assert answer.proposal.key == ("a.py", 8, 1, ("sys.exit(exit_code)",))


def test_what_was_done_before_a_rename_does_not_hide_its_places() -> None:
    """Nobody has passed a place who was further down before there was anything to do."""
    text = RENAMED + "\n\ndef other():\n    return 1\n"
    answer = next_edit(moment(text, ("    return 1", "    return 2"), ("error_code = 0", "exit_code = 0")))
    assert isinstance(answer, NextEdit)
    assert answer.proposal.key == ("a.py", 5, 1, ("    exit_code = 1",))


def test_another_file_is_reached() -> None:
    state = moment(
        "def load_config(path):\n    return read(path)\n",
        ("load_config", "read_config"),
        others={"b.py": "from a import load_config\n\n\ndef main():\n    return load_config('x')\n"},
    )
    answer = next_edit(state, precision=0)
    assert isinstance(answer, NextEdit)
    assert answer.proposal.path == "b.py"
    assert "read_config" in answer.proposal.new[0]


def test_nothing_changed_and_nothing_follows() -> None:
    assert next_edit(moment("x = 1\n")) == Silence(Reason.NOTHING_CHANGED)
    silence = next_edit(moment("x = 1\n\ny = 2\n", ("x = 1", "z = 1")))
    assert isinstance(silence, Silence)


def test_an_unlikely_edit_is_not_shown() -> None:
    state = moment("a = f(1)\n\n\nb = g(2, 3)\n\n\nc = g(4, 5)\n", ("f(1)", "f(1, 2)"))
    silence = next_edit(state, precision=0.95)
    assert isinstance(silence, Silence)
    assert silence.reason in (Reason.UNLIKELY, Reason.NO_NEXT_EDIT)


def test_what_was_renamed_back_is_not_renamed_again() -> None:
    state = moment("one = 1\n\n\nuse(one)\n\n\nlast(one)\n", ("one = 1", "two = 1"), ("two = 1", "one = 1"))
    answer = next_edit(state, precision=0)
    assert isinstance(answer, Silence) or "two" not in "".join(answer.proposal.new)


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (Proposal("a.py", 1, 1, ("b  =  1",), "replace"), Reason.FORMATTING),
        (Proposal("a.py", 1, 1, ("a = 1",), "replace"), Reason.REVERTS),
        (Proposal("a.py", 3, 1, ("c = (",), "replace"), Reason.BREAKS_SYNTAX),
        (Proposal("a.py", 3, 1, ("c = 4",), "replace"), None),
    ],
)
def test_vetoes(proposal: Proposal, reason: Reason | None) -> None:
    state = moment("a = 1\n\nc = 3\n", ("a = 1", "b = 1"))
    assert reason_against(state, proposal, Parsed(state)) is reason


def test_what_was_deleted_does_not_come_back() -> None:
    state = moment("a = 1\nb = 2\nc = 3\n", ("b = 2\n", ""))
    assert reverts(state, Proposal("a.py", 2, 0, ("b = 2",), "insert"))
    assert not reverts(state, Proposal("a.py", 3, 0, ("d = 2",), "insert"))


def test_without_a_likely_text_a_place_is_told_only_to_who_wants_any_answer() -> None:
    state = moment(
        "def load(path):\n    return read(path)\n\n\ncheck(sum(load_all('x'), key=limit))\n",
        ("return read(path)", "limit = 3\n    return read(path)"),
    )
    assert isinstance(next_edit(state), Silence)
    answer = next_edit(state, precision=0)
    assert isinstance(answer, NextEdit)
    assert (answer.proposal.kind, answer.proposal.start) == (JUMP, 6)
    assert answer.proposal.new == (state.files["a.py"][5],)


def test_thresholds_rise_with_the_wanted_precision() -> None:
    found = [threshold(wanted / 20, weights().precisions) for wanted in range(21)]
    assert found == sorted(found)
    assert found[0] == 0
