from __future__ import annotations

from dataclasses import replace

import pytest

from completion.next_edit.ensemble import NextEdit, next_edit
from completion.next_edit.gate import threshold, weights
from completion.next_edit.moment import Moment
from completion.next_edit.unfinished import ending
from completion.next_edit.vetoes import Parsed
from tests.completion.next_edit.support import moment

TEXT = "total = 0\n\n\ndef add(total):\n    return total\n\n\nsummary = f(total)\nprint(summary)\n"


def typed(old: str, new: str, column: int | None = None) -> Moment:
    """`new` was typed over the first `old`; the cursor is behind it, or as told."""
    state = moment(TEXT, (old, new))
    line = state.files["a.py"][state.line - 1]
    return replace(state, column=line.index(new) + len(new) if column is None else column)


def found(state: Moment) -> set[str]:
    end = ending(state, Parsed(state))
    return {name for name, value in end.signs.items() if value} if end else set()


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("tot", {"open", "last_line", "name", "new_name", "part_of_name", "new_part_of_name"}),
        ("summary", {"open", "last_line", "name"}),
        ("amount", {"open", "last_line", "name", "new_name"}),
        ("su", {"open", "last_line", "name", "short_name", "new_name", "part_of_name", "new_part_of_name"}),
        ("f(", {"open", "last_line", "broken", "expects_more"}),
        ("data[0]", {"open", "last_line"}),
    ],
)
def test_what_the_text_at_the_cursor_tells(new: str, expected: set[str]) -> None:
    assert found(typed("total", new)) == expected


def test_only_where_the_cursor_is_in_the_last_change() -> None:
    state = typed("total", "amount")
    assert found(state)
    assert not found(replace(state, line=9, column=3))
    assert not found(replace(state, column=0))
    assert not found(replace(state, column=None))  # where nothing is known of the cursor
    by_model = tuple(replace(change, by_model=True) for change in state.changes)
    assert not found(replace(state, changes=by_model))


def test_the_end_of_a_longer_word_is_not_taken_for_a_word() -> None:
    state = typed("total", "subtotal", column=len("sub"))
    assert "inside_name" in found(state)


def test_half_a_name_is_doubted_and_a_whole_one_hardly() -> None:
    """The same edits elsewhere follow from `tot` as from `amount`."""
    half, whole = typed("total", "tot"), typed("total", "amount")
    chances = {}
    for state in (half, whole):
        without = next_edit(replace(state, column=None), precision=1e-6)
        heard = next_edit(state, precision=1e-6)
        assert isinstance(without, NextEdit)
        assert isinstance(heard, NextEdit)
        chances[state.changes[0].new] = heard.probability / without.probability
    assert chances["tot = 0",] < 0.5 * chances["amount = 0",]
    least = threshold(0.6, weights().precisions)
    assert isinstance(next_edit(replace(half, column=None)), NextEdit)
    answer = next_edit(half)
    assert not isinstance(answer, NextEdit) or answer.probability < least
