from __future__ import annotations

import time
from itertools import pairwise

from completion.next_edit.proposal import Proposal
from completion.next_edit.writing import Writer, writer_for
from completion.prompt_next_edit_v1 import VERSION
from tests.completion.next_edit.support import moment
from tests.support.scripted import ScriptedModel

STATE = moment("a = f(1)\n\n\nb = f(2)\n\n\nend()\n", ("a = f(1)", "a = g(1)"))
PROPOSAL = Proposal("a.py", 4, 1, ("b = g(2)",), "substitute")


def test_the_model_writes_at_the_proposals_place() -> None:
    model = ScriptedModel(lambda _: "+b = g(2)\n \n")
    written = Writer(model).write(STATE, PROPOSAL)
    assert written is not None
    assert written.proposal.key == PROPOSAL.key
    assert written.logprobs == (-0.05,) * len("+b = g(2)\n ")
    assert "-a = f(1)\n+a = g(1)\n" in model.prompts[0]
    assert model.prompts[0].endswith("-b = f(2)\n")
    other = Writer(ScriptedModel(lambda _: "+b = h(2)\n+c = 3\n \n")).write(STATE, PROPOSAL)
    assert other is not None
    assert other.proposal.key == ("a.py", 4, 1, ("b = h(2)", "c = 3"))


def test_an_insertion_is_told_so() -> None:
    model = ScriptedModel(lambda _: "c = 3\n \n")
    written = Writer(model).write(STATE, Proposal("a.py", 4, 0, ("c = 3",), "insert"))
    assert written is not None
    assert written.proposal.new == ("c = 3",)
    assert model.prompts[0].endswith("\n+")


def test_lines_may_go() -> None:
    written = Writer(ScriptedModel(lambda _: " \n")).write(STATE, Proposal("a.py", 4, 1, (), "delete"))
    assert written is not None
    assert written.proposal.new == ()


def test_only_a_model_that_was_trained_for_it_is_asked() -> None:
    assert writer_for(ScriptedModel({}, trained_for=("fim_v1",))) is None
    assert writer_for(ScriptedModel({}, trained_for=("fim_v1", VERSION))) is not None


def test_without_time_or_room_there_is_no_word() -> None:
    late = Writer(ScriptedModel(lambda _: "+b = g(2)\n \n")).write(
        STATE, PROPOSAL, deadline=time.monotonic() - 1
    )
    assert late is None
    narrow = ScriptedModel(lambda _: "+b = g(2)\n \n", context=350)
    assert Writer(narrow).write(STATE, PROPOSAL) is None


def test_the_history_begins_alike_until_it_is_full() -> None:
    names = [f"name_{number:02}" for number in range(24)]
    text = "".join(f"{name} = compute({number})\n\n\n" for number, name in enumerate(names))
    model = ScriptedModel(lambda _: " \n")
    writer = Writer(model)
    for count in range(6, 24):
        changes = [(f"{name} = compute", f"{name} = reckon") for name in names[:count]]
        writer.write(moment(text, *changes), Proposal("a.py", 70, 1, ("x",), "substitute"))
    shown = [prompt.split("<|file_sep|>a.py\n")[0] for prompt in model.prompts]
    kept = [after.startswith(before) for before, after in pairwise(shown)]
    assert 2 <= kept.count(False) <= 6  # and not each time
    for names_shown in zip(names[5:], shown, strict=False):
        assert names_shown[0] in names_shown[1]  # the last change is always there
    fresh = ScriptedModel(lambda _: " \n")
    Writer(fresh).write(moment(text, *changes), Proposal("a.py", 70, 1, ("x",), "substitute"))
    assert len(fresh.prompts[0]) < 3000
