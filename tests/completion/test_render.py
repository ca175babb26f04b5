from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from completion.render import Part, render

PARTS = st.lists(
    st.builds(
        Part, st.text(min_size=1, max_size=9), st.integers(-5, 5).map(float), st.sampled_from(["", "a", "b"])
    )
)


def test_the_most_important_parts_stand_in_their_declared_order() -> None:
    parts = [Part("one ", 1), Part("two ", 3), Part("three ", 2)]
    assert render(parts, 10, len).text() == "two three "


def test_a_run_has_no_gaps() -> None:
    parts = [Part("near", 0, "lines"), Part("much too long", -1, "lines"), Part("far", -2, "lines")]
    assert render(parts, 10, len).text() == "near"


def test_what_found_no_room_stays_on_record() -> None:
    parts = [Part("one", 1), Part("two", 0)]
    rendered = render(parts, 3, len)
    assert rendered.kept == (0,)
    assert render(rendered.parts, 6, len).text() == "onetwo"


@given(PARTS, st.integers(0, 60))
def test_the_budget_holds_and_a_larger_one_keeps_every_run_as_long(parts: list[Part], budget: int) -> None:
    rendered = render(parts, budget, len)
    assert rendered.cost == len(rendered.text()) <= budget
    assert rendered.kept == tuple(sorted(rendered.kept))
    assert render(parts, sum(len(part.text) for part in parts), len).kept == tuple(range(len(parts)))
