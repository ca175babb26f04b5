from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.properties import steady
from text.edits import Edit, EditError, ReversedRangeError, apply, diff, merge, rebase, validate

# Few letters, so that equal stretches are common, and every character that some line splitter trips over.
TEXT = st.text(alphabet="ab (=\n\r\t\f\x0b\x1c\x85\u2028\u0301é😀\ufeff\ud83d", max_size=40)
CODE = st.lists(
    st.sampled_from(
        ["if x:\n", "    y = 1\n", "    y = 2\n", "foo(a, b)\n", "\n", "}\r\n", "\r", "foo(b, a)"]
    ),
    max_size=20,
).map("".join)


@st.composite
def edit_lists(draw: st.DrawFn, text: str) -> list[Edit]:
    places = sorted(
        draw(st.lists(st.integers(0, len(text)), max_size=8).filter(lambda found: len(found) % 2 == 0))
    )
    return [Edit(start, end, draw(TEXT)) for start, end in zip(places[::2], places[1::2], strict=True)]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(TEXT)
    return text, draw(edit_lists(text))


@steady
@given(st.data())
def test_merge_is_first_then_second(data: st.DataObject) -> None:
    text, first = data.draw(edited())
    middle = apply(text, first)
    second = data.draw(edit_lists(middle))
    merged = merge(first, second)
    validate(merged, len(text))
    assert apply(text, merged) == apply(middle, second)
    assert all(one.end < other.start for one, other in pairwise(merged))


@steady
@given(edited())
def test_merge_with_nothing_changes_nothing(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    assert apply(text, merge(edits, [])) == apply(text, merge([], edits)) == apply(text, edits)


@steady
@given(st.data())
def test_rebase_keeps_both_edits(data: st.DataObject) -> None:
    text, over = data.draw(edited())
    for index, edit in enumerate(over):
        others = over[:index] + over[index + 1 :]
        rebased = rebase(edit, others)
        # Two edits of one list never overlap, and apply writes the others in the same order.
        assert rebased is not None
        if edit.start < edit.end:
            assert apply(apply(text, others), [rebased]) == apply(text, over)


@steady
@given(st.data())
def test_rebase_refuses_exactly_what_overlaps(data: st.DataObject) -> None:
    text, over = data.draw(edited())
    edit = next(iter(data.draw(edit_lists(text))), Edit(0, 0, "x"))
    rebased = rebase(edit, over)
    overlaps = any(max(edit.start, other.start) < min(edit.end, other.end) for other in over) or any(
        inner.start == inner.end and outer.start < inner.start < outer.end
        for other in over
        for inner, outer in ((edit, other), (other, edit))
    )
    assert (rebased is None) == overlaps
    if rebased is not None:
        assert apply(text, over)[rebased.start : rebased.end] == text[edit.start : edit.end]


@pytest.mark.parametrize(
    ("edit", "over", "expected"),
    [
        (Edit(3, 3, "x"), Edit(3, 3, "ab"), Edit(5, 5, "x")),  # what is already there comes first
        (Edit(3, 5, "x"), Edit(3, 3, "ab"), Edit(5, 7, "x")),
        (Edit(3, 5, "x"), Edit(5, 5, "ab"), Edit(3, 5, "x")),
        (Edit(3, 3, "x"), Edit(1, 3, ""), Edit(1, 1, "x")),
        (Edit(3, 3, "x"), Edit(3, 4, ""), Edit(3, 3, "x")),
        (Edit(3, 5, "x"), Edit(4, 4, "ab"), None),
        (Edit(3, 3, "x"), Edit(2, 4, "ab"), None),
    ],
)
def test_rebase_where_edits_touch(edit: Edit, over: Edit, expected: Edit | None) -> None:
    assert rebase(edit, [over]) == expected


@steady
@given(TEXT, TEXT)
def test_diff_leads_from_old_to_new(old: str, new: str) -> None:
    check_diff(old, new)


@steady
@given(CODE, CODE)
def test_diff_of_code(old: str, new: str) -> None:
    check_diff(old, new)


def check_diff(old: str, new: str) -> None:
    edits = diff(old, new)
    assert apply(old, edits) == new
    assert all(edit.new != old[edit.start : edit.end] for edit in edits)
    places = [place for edit in edits for place in (edit.start, edit.end)]
    assert not any(old[max(place - 1, 0) : place + 1] == "\r\n" for place in places)


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("a = 1\nb = 2\n", "a = 1\nb = 3\n", [Edit(10, 11, "3")]),
        ("f(count)", "f(counter)", [Edit(7, 7, "er")]),
        ("x = 1\ny = 2\n", "x = 9\nz = 2\n", [Edit(4, 5, "9"), Edit(6, 7, "z")]),
        ("f(a, b)\n", "f(c, d)\n", [Edit(2, 6, "c, d")]),
        ("a\r\nb", "a\nb", [Edit(1, 3, "\n")]),
        ("return foo\n", "raise ValueError(bar)\n", [Edit(1, 10, "aise ValueError(bar)")]),
        ("a\nb\nc\n", "a\nc\n", [Edit(2, 4, "")]),
        ("same", "same", []),
    ],
)
def test_diff_is_small(old: str, new: str, edits: list[Edit]) -> None:
    assert list(diff(old, new)) == edits


def test_diff_of_large_files_is_bounded() -> None:
    random_lines = random.Random(1)
    lines = [f"    value_{n} = {random_lines.random()}\n" for n in range(3000)]
    few_matches = [line if n % 50 == 0 else f"other {n}\n" for n, line in enumerate(lines)]
    few_words = [
        random_lines.choice(["if x:\n", "else:\n", "    pass\n", "\n", "    y()\n"]) for _ in range(6000)
    ]
    cases = [
        (lines, few_matches),
        (lines, lines[::-1]),
        (few_words[:3000], few_words[3000:]),
        (lines * 10, [*lines * 10, "x"]),
    ]
    for old, new in cases:
        begun = time.process_time()
        edits = diff("".join(old), "".join(new))
        assert time.process_time() - begun < 2
        assert apply("".join(old), edits) == "".join(new)


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ([Edit(3, 2, "")], ReversedRangeError),
        ([Edit(2, 4, ""), Edit(3, 5, "")], EditError),
        ([Edit(2, 4, ""), Edit(0, 1, "")], EditError),
        ([Edit(-1, 0, "")], EditError),
        ([Edit(0, 11, "")], EditError),
    ],
)
def test_bad_lists_are_refused(edits: list[Edit], error: type[EditError]) -> None:
    with pytest.raises(error):
        apply("0123456789", edits)


def test_touching_edits_and_shared_places_are_written_in_order() -> None:
    edits = [Edit(1, 1, "A"), Edit(1, 1, "B"), Edit(1, 2, "C"), Edit(2, 2, "D")]
    assert apply("012", edits) == "0ABCD2"
