from __future__ import annotations

from completion.next_edit.places import mentions
from tests.completion.next_edit.support import moment


def found(text: str, old: str, new: str) -> list[tuple[int, str]]:
    state = moment(text, (old, new))
    return [(one.start, one.new[0]) for one in mentions(state)]


def test_lines_with_names_that_came_or_went_are_places() -> None:
    text = "limit = 1\nuse(bound)\n\n\nuse(limit)\nuse(limits)\n"
    assert found(text, "limit = 1", "bound = 1") == [(2, "use(bound)"), (5, "use(limit)")]


def test_a_name_that_stands_everywhere_points_nowhere() -> None:
    assert found("limit = 1\n" + "use(limit)\n" * 50, "limit = 1", "bound = 1") == []
