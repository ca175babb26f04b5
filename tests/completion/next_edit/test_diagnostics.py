"""Problems that other servers see: what follows from them, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from completion.next_edit.diagnostics import BACKED, repairs, troubles, weighed
from completion.next_edit.ensemble import NextEdit, next_edit, proposed
from completion.next_edit.features import features
from completion.next_edit.gate import Ranked, rank, weights
from completion.next_edit.moment import Moment, Problem
from completion.next_edit.places import MENTION, places
from completion.next_edit.proposal import Proposal
from completion.next_edit.vetoes import Parsed
from completion.next_edit.wanted import WANTED
from tests.completion.next_edit.support import moment, texts

SHOP = """\
def price(qty):
    return 3


def total(cart):
    return 2 * price(cart.size)


def rest(cart):
    price = cart.price
    return price(cart.size)
"""


def problem(state: Moment, marked: str, message: str, *, unused: bool = False, path: str = "a.py") -> Problem:
    """At `[what is marked]` in a line that stands there without the brackets."""
    start, end = marked.index("["), marked.index("]") - 1
    line = state.files[path].index(marked.replace("[", "", 1).replace("]", "", 1)) + 1
    return Problem(path, line, start, end, message, unused)


def is_backed(state: Moment, proposal: Proposal) -> bool:
    """Whether a proposal goes before one that is a little likelier by itself."""
    other = Proposal(state.path, 1, 0, ("other",), "insert")
    ranked = weighed(state, [Ranked(BACKED / 2, other), Ranked(0.0, proposal)], Parsed(state))
    assert [each.score for each in ranked] == [BACKED / 2, 0.0]
    return ranked[0].proposal == proposal


def found(state: Moment, *problems: Problem) -> Moment:
    return replace(state, problems=problems)


@pytest.mark.parametrize(
    ("message", "marked"),
    [
        ('"price" is not defined', "    return 2 * [price](cart.size)"),
        ("Undefined name `price`", "    return 2 * [price](cart.size)"),
        ("Cannot find name 'price'.", "    return 2 * [price](cart.size)"),
        ("undefined: price", "    return 2 * [price(cart.size)]"),
        ("use of undeclared identifier \u2018price\u2019", "    [return 2 * price(cart.size)]"),
        ("unresolved", "    return 2 * [price](cart.size)"),
        ("Undefined name `price`", "[]    return 2 * price(cart.size)"),
    ],
)
def test_a_rename_goes_on_where_the_old_name_is_not_known(message: str, marked: str) -> None:
    state = moment(SHOP, ("def price", "def cost"))
    state = found(state, problem(state, marked, message))
    assert texts(list(repairs(state)), state) == [
        "a.py:6 -return 2 * price(cart.size) +return 2 * cost(cart.size)"
    ]


def test_short_names_too_and_only_in_the_range() -> None:
    """A name of one letter is replaced nowhere else, and here only where a server points at it."""
    state = moment("def f(x):\n    return x + g(x=1)\n", ("f(x)", "f(y)"))
    state = found(state, problem(state, "    return [x] + g(x=1)", '"x" is not defined'))
    assert texts(list(repairs(state)), state) == ["a.py:2 -return x + g(x=1) +return y + g(x=1)"]


def test_a_name_that_was_renamed_twice_becomes_what_it_is_called_now() -> None:
    text = "one = 1\n\n\nprint(one)\n"
    state = moment(text, ("one = 1", "two = 1"), ("two = 1", "three = 1"))
    state = found(state, problem(state, "print([one])", "Undefined name `one`"))
    assert texts(list(repairs(state)), state) == ["a.py:4 -print(one) +print(three)"]


@pytest.mark.parametrize(
    "changes",
    [
        (("one = 1", "two = 1"), ("two = 1", "one = 1")),  # renamed back
        (("one = 1\n", ""),),  # removed
    ],
)
def test_without_a_rename_there_is_no_text(changes: tuple[tuple[str, str], ...]) -> None:
    state = moment("one = 1\n\n\nprint(one)\n", *changes)
    state = found(state, problem(state, "print([one])", "Undefined name `one`"))
    assert not list(repairs(state))


def test_what_is_merely_unused_is_not_renamed() -> None:
    state = moment("import json\n\n\nprint(json)\n", ("print(json)", "print(yaml)"))
    state = found(state, problem(state, "import [json]", "`json` imported but unused", unused=True))
    assert not list(repairs(state))


def test_lines_that_were_just_written_are_left_alone() -> None:
    state = moment("x = one\ny = one\n", ("x = one", "x = two"))
    state = found(state, problem(state, "x = [two]", "Undefined name `two`"))
    assert not list(repairs(state))


def test_without_problems_nothing_changes() -> None:
    state = moment(SHOP, ("def price", "def cost"))
    ranked = rank(proposed(state), features(state, proposed(state)), weights().proposals)
    assert weighed(state, ranked, Parsed(state)) == ranked
    assert not list(repairs(state))
    assert not list(troubles(state, MENTION, Parsed(state)))


def test_the_place_that_a_server_points_at_goes_first() -> None:
    """The line names something else alike, which the server does not object to."""
    text = SHOP.replace("    return 2 * price(cart.size)\n", "    x = cart\n    return x.price, price(x)\n")
    state = moment(text, ("def price", "def cost"))
    plain = next_edit(state, precision=0)
    state = found(state, problem(state, "    return x.price, [price](x)", '"price" is not defined'))
    told = next_edit(state, precision=0)
    assert isinstance(told, NextEdit)
    assert isinstance(plain, NextEdit)
    assert plain.proposal.new == ("    return x.cost, cost(x)",)
    assert told.proposal.new == ("    return x.price, cost(x)",)
    assert told.probability <= plain.probability + 0.1


@pytest.mark.parametrize(
    "message", ['Argument missing for parameter "factor"', "Expected 2 arguments, but got 1."]
)
def test_a_missing_argument_speaks_for_what_adds_it(message: str) -> None:
    state = moment(SHOP, ("def price(qty)", "def price(qty, factor)"))
    state = found(state, problem(state, "    return 2 * [price(cart.size)]", message))
    assert is_backed(state, Proposal("a.py", 6, 1, ("    x",), "parameter"))


@pytest.mark.parametrize(
    ("proposal", "backed"),
    [
        (Proposal("a.py", 2, 0, ("import json",), WANTED), True),
        (Proposal("a.py", 2, 0, ("import yaml",), WANTED), False),
        (Proposal("a.py", 2, 0, ("import json",), "insert"), False),
        (Proposal("a.py", 4, 1, ("print(yaml.load(x))",), "replace"), True),
        (Proposal("a.py", 3, 2, ("", "print(json.load(x))"), "replace"), False),
        (Proposal("a.py", 1, 1, ("import json",), "replace"), False),
    ],
)
def test_what_brings_in_an_unknown_name_is_backed(proposal: Proposal, backed: bool) -> None:
    state = moment("import os\n\n\nprint(x)\n", ("print(x)", "print(json.load(x))"))
    state = found(state, problem(state, "print([json].load(x))", '"json" is not defined'))
    assert is_backed(state, proposal) == backed


def test_an_import_that_lost_its_last_use() -> None:
    state = moment("import json\nimport os\n\nprint(json, os)\n", ("print(json, os)", "print(json)"))
    state = found(state, problem(state, "import [os]", "`os` imported but unused", unused=True))
    plain, told = next_edit(replace(state, problems=()), 0.001), next_edit(state, 0.001)
    assert isinstance(plain, NextEdit)
    assert isinstance(told, NextEdit)
    assert told.proposal.key == ("a.py", 2, 1, ())
    assert told.probability == plain.probability


@pytest.mark.parametrize(
    ("message", "unused"), [("Undefined name `other`", False), ("`cost` imported but unused", True)]
)
def test_a_problem_that_the_last_changes_cannot_have_made_says_nothing(message: str, unused: bool) -> None:
    """It names nothing that stands in them, or what is unused is what they brought in."""
    state = moment(SHOP + "\n\nuse(other, 3)\n", ("def price", "def cost"))
    state = found(state, problem(state, "use([other], 3)", message, unused=unused))
    assert not is_backed(state, Proposal("a.py", 15, 1, ("use(3)",), "replace"))


BLOCK = "function f(a) {\n  if (a) {\n    g(a);\n  }\n  return a;\n}\n"


def opened() -> Moment:
    """The line that opened a block is gone, the one that closes it is not."""
    return moment(BLOCK, ("  if (a) {\n", "  h(a);\n"), path="a.js")


def test_a_new_syntax_error_speaks_for_what_mends_it() -> None:
    state = opened()
    good, bad = Proposal("a.js", 4, 1, (), "delete"), Proposal("a.js", 3, 1, (), "delete")
    ranked = weighed(state, [Ranked(0.5, bad), Ranked(0.0, good)], Parsed(state))
    assert ranked == [Ranked(0.5, good), Ranked(0.0, bad)]


def test_a_repair_that_is_not_among_the_proposals_is_no_trouble() -> None:
    state = moment(SHOP, ("def price", "def cost"))
    state = found(state, problem(state, "    return 2 * [price](cart.size)", '"price" is not defined'))
    ranked = [Ranked(0.0, Proposal("a.py", 2, 1, ("x",), "replace"))]
    assert weighed(state, ranked, Parsed(state)) == ranked


def test_an_old_syntax_error_says_nothing() -> None:
    state = moment("let = ;\n" + BLOCK, ("  if (a) {\n", "  h(a);\n"), path="a.js")
    assert Parsed(state).broken == ()
    assert not is_backed(state, Proposal("a.js", 5, 1, (), "delete"))


def test_places_to_look_at() -> None:
    """Where something broke and nobody knows the text."""
    text = "def load(path):\n    return 1\n\n\n" + "# load\n" * 50 + "check(load)\n"
    state = moment(text, ("def load", "def read_it"))
    state = found(state, problem(state, "check([load])", "Undefined name `load`"))
    assert places(state, (), weights(), Parsed(state))[0].start == 55
    state = opened()
    assert [each.start for each in troubles(state, MENTION, Parsed(state))]
