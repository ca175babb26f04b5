from __future__ import annotations

import pytest

from completion.filter import veto
from completion.reasons import Reason
from completion.stop import Site

SITE = Site("python", "    ", "", "    x = f(a)", "")


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("return a", None),
        ("  \n ", Reason.EMPTY),
        ("a<|fim_middle|>", Reason.SPECIAL),
        ("x = '<file_sep>'", Reason.SPECIAL),
        ("key = 'AKIAIOSFODNN7EXAMPLE'", Reason.SECRET),
        ('password = "hunter2hunter2hunter2"', Reason.SECRET),
        ("password = getpass.getpass()", None),
        ("token_count = 'a_plain_name_here'", None),
        ("x = f(a)", Reason.REPEATS),
    ],
)
def test_what_is_never_shown(new: str, reason: Reason | None) -> None:
    assert veto(new, SITE, 0.5) is reason


def test_a_repeated_line_is_shown_when_it_is_all_but_certain() -> None:
    assert veto("x = f(a)", SITE, 0.99) is None


def test_every_reason_has_a_code_and_a_sentence() -> None:
    assert all(reason.sentence.endswith(".") and reason.value == reason.value.lower() for reason in Reason)
    assert len({reason.value for reason in Reason}) == len(Reason)
