"""What a suggestion means in a document that has gone on."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from completion.typed_through import after_typing
from text.edits import Edit, apply

TEXT = "def add(a, b):\n    return \n\nprint(add(1, 2))\n"
AT = TEXT.index("return ") + len("return ")
SUGGESTED = Edit(AT, AT, "a + b")


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ([], SUGGESTED),
        # typed along
        ([Edit(AT, AT, "a")], Edit(AT + 1, AT + 1, " + b")),
        ([Edit(AT, AT, "a + ")], Edit(AT + 4, AT + 4, "b")),
        # nothing is left
        ([Edit(AT, AT, "a + b")], None),
        # another way
        ([Edit(AT, AT, "b")], None),
        ([Edit(AT - 1, AT, "")], None),
        ([Edit(AT, AT + 1, "")], None),
        ([Edit(AT - 3, AT + 2, "a")], None),
        # elsewhere
        ([Edit(0, 3, "async def")], Edit(AT + 6, AT + 6, "a + b")),
        ([Edit(AT + 5, AT + 9, "")], SUGGESTED),
        # elsewhere and along
        ([Edit(0, 3, ""), Edit(AT, AT, "a +")], Edit(AT, AT, " b")),
        ([Edit(AT, AT, "a"), Edit(AT + 5, AT + 9, "")], Edit(AT + 1, AT + 1, " + b")),
    ],
)
def test_typing_after_the_request(since: list[Edit], expected: Edit | None) -> None:
    assert after_typing(SUGGESTED, tuple(since)) == expected


@given(st.text("ab", max_size=12), st.data())
def test_typing_along_leads_to_the_same_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = data.draw(st.text("xy", min_size=2))
    typed = data.draw(st.integers(1, len(new) - 1))
    since = (Edit(start, start, new[:typed]),)
    rest = after_typing(Edit(start, end, new), since)
    assert rest is not None
    assert apply(apply(text, since), [rest]) == apply(text, [Edit(start, end, new)])


@given(st.text("ab", min_size=4, max_size=12), st.text("xy"), st.text("pq"), st.data())
def test_changes_elsewhere_move_it(text: str, new: str, other: str, data: st.DataObject) -> None:
    start, end, first, last = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    assume(end < first)
    for edit, since in (
        (Edit(start, end, new), Edit(first, last, other)),
        (Edit(first, last, new), Edit(start, end, other)),
    ):
        moved = after_typing(edit, (since,))
        assert moved is not None
        both = sorted([edit, since], key=lambda each: each.start)
        assert apply(apply(text, [since]), [moved]) == apply(text, both)
