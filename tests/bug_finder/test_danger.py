"""Lines that are marked as dangerous: what is marked, and what that changes."""

from __future__ import annotations

from bug_finder.choose import Wish, choose
from bug_finder.danger import LESS, Danger
from bug_finder.finding import Finding
from tests.bug_finder.samples import detector

TEXT = """\
def f(a):
    g(a)  # DANGER: twice
    h(a)

    # Be careful, this is not thread-safe.
    i(a)
    j(a)

    k(a, "unsafe")
"""


def lines(text: str, language: str = "python", patterns: tuple[str, ...] = ()) -> list[str]:
    """What stands in the dangerous lines."""
    danger, found, at = Danger(text, language, patterns), [], 0
    for line in text.splitlines(keepends=True):
        if danger.holds(Finding("kind", at, at, 0, "f", 0.5, "")):
            found.append(line.strip())
        at += len(line)
    return found


def test_a_mark_speaks_of_its_line_or_of_what_follows_it() -> None:
    assert lines(TEXT) == [
        "g(a)  # DANGER: twice",
        "# Be careful, this is not thread-safe.",
        "i(a)",
        "j(a)",
    ]
    assert lines("int f() {\n  /* XXX */\n  g();\n\n  h();\n}\n", "c") == ["/* XXX */", "g();"]
    assert lines("x = 1  # a dangerously long name\n") == []


def test_a_pattern_speaks_of_every_line_that_it_is_found_in() -> None:
    assert lines("a()\nos.remove(b)\n", patterns=("os.rem*b",)) == ["os.remove(b)"]
    assert lines("a()\n[b](c)\n", patterns=("(", "[", "*")) == ["a()", "[b](c)"]


def test_less_is_enough_where_it_is_dangerous() -> None:
    at = TEXT.index("i(a)")
    sure = [
        Finding("kind", place, place + 1, 0, "f", 0.7 * LESS, "said") for place in (at, TEXT.index("h(a)"))
    ]
    assert [each.start for each in choose(sure, TEXT, "python", Wish(0.7)).shown] == [at]
    assert (
        choose(sure, TEXT.replace("careful", "quick").replace("thread-", ""), "python", Wish(0.7)).shown == []
    )
    patterns = Wish(0.7, dangerous=("h(a",))
    assert len(choose(sure, TEXT, "python", patterns).shown) == 2


def test_the_network_is_asked_only_where_it_may_be_shown() -> None:
    plain = "def f(a, b):\n    c = a + b\n    return c + d\n"
    network = {each.message for each in detector().find(plain, "python")}
    assert network
    checks = detector().at(0.7)
    assert checks.find(plain, "python") == []
    marked = plain.replace("return", "# DANGER\n    return")
    assert {each.message for each in checks.find(marked, "python")} == network
    assert detector().at(0.9).find(marked, "python") == []
    assert detector().at(0.2) is detector()


def test_what_is_found_without_the_network_is_remembered_apart() -> None:
    recipes = [
        detector().at(0, ()),
        detector().at(0.7, ()),
        detector().at(0.9, ()),
        detector().at(0.7, ("a",)),
    ]
    assert len({each.recipe for each in recipes}) == 4
    assert detector().at(0.7).recipe == detector().at(0.71).recipe
