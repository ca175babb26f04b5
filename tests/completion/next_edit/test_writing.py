from __future__ import annotations

import time

from completion.next_edit.proposal import Proposal
from completion.next_edit.writing import Writer
from tests.completion.next_edit.support import moment
from tests.support.scripted import ScriptedModel

STATE = moment("a = f(1)\n\n\nb = f(2)\n\n\nend()\n", ("a = f(1)", "a = g(1)"))
PROPOSAL = Proposal("a.py", 4, 1, ("b = g(2)",), "substitute")


def test_the_model_agrees_or_writes_something_else() -> None:
    model = ScriptedModel(lambda _: "+b = g(2)\n \n")
    written = Writer(model).write(STATE, PROPOSAL)
    assert written is not None
    assert written.agrees
    assert written.proposal.key == PROPOSAL.key
    assert "-a = f(1)\n+a = g(1)\n" in model.prompts[0]
    assert model.prompts[0].endswith("-b = f(2)\n")
    other = Writer(ScriptedModel(lambda _: "+b = h(2)\n+c = 3\n \n")).write(STATE, PROPOSAL)
    assert other is not None
    assert not other.agrees
    assert other.proposal.key == ("a.py", 4, 1, ("b = h(2)", "c = 3"))


def test_an_insertion_is_told_so() -> None:
    model = ScriptedModel(lambda _: "c = 3\n \n")
    written = Writer(model).write(STATE, Proposal("a.py", 4, 0, ("c = 3",), "insert"))
    assert written is not None
    assert written.agrees
    assert model.prompts[0].endswith("\n+")


def test_lines_may_go() -> None:
    written = Writer(ScriptedModel(lambda _: " \n")).write(STATE, Proposal("a.py", 4, 1, (), "delete"))
    assert written is not None
    assert written.agrees
    assert written.proposal.new == ()


def test_without_time_or_room_there_is_no_word() -> None:
    late = Writer(ScriptedModel(lambda _: "+b = g(2)\n \n")).write(
        STATE, PROPOSAL, deadline=time.monotonic() - 1
    )
    assert late is None
    narrow = ScriptedModel(lambda _: "+b = g(2)\n \n", context=350)
    assert Writer(narrow).write(STATE, PROPOSAL) is None
