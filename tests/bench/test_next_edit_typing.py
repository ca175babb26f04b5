"""Changes that are typed again, and one small measurement through a real server."""

from __future__ import annotations

from typing import Any

import pytest

from bench.next_edit_typing import measure
from bench.retyping import retyped
from tests.support.scripted_server import command

AFTER = "def price(count):\n    return qty * 3\n\n\ndef cost(qty):\n    return price(qty) + qty\n"
DIFF = "@@ -1,2 +1,2 @@\n-def price(qty):\n+def price(count):\n     return qty * 3\n"
CASE: dict[str, Any] = {
    "id": "one",
    "files": {"shop.py": AFTER},
    "recent_edits": [{"path": "shop.py", "diff": DIFF}],
    "cursor": {"path": "shop.py", "line": 1, "col": 0},
}


def test_a_change_is_taken_back_and_typed_again() -> None:
    again = retyped(CASE)
    assert again.before == AFTER.replace("count", "qty")
    assert (again.before[again.start : again.end], again.typed) == ("qty", "count")
    assert again.after(2) == AFTER.replace("count", "co")
    assert again.after(len(again.typed)) == AFTER


@pytest.mark.slow
def test_a_rename_is_offered_at_its_end_and_goes_on() -> None:
    figures = measure([CASE], gap_ms=20, command=command({"return ": "a + b\n"}))
    assert (figures["keys"], figures["ends"]) == (4, 1)
    assert figures["offered_while_typing"] == 0
    assert figures["offered_at_end_ms"]["n"] == 1
    assert 180 <= figures["offered_at_end_ms"]["p50"] < 5000
    assert figures["after_accept_ms"]["n"] >= 1
