from __future__ import annotations

import math
import time
from collections.abc import Mapping

import msgspec
import pytest

from completion.next_edit.asking import AGREED, FOUND, KEPT, OTHER, Word, asked
from completion.next_edit.ensemble import Choice, NextEdit, after_words, next_edit
from completion.next_edit.gate import Ranked, Weights, weights
from completion.next_edit.proposal import Proposal
from completion.next_edit.writing import Writer
from completion.reasons import Reason, Silence
from tests.completion.next_edit.support import moment
from tests.support.scripted import ScriptedModel

STATE = moment("a = f(1)\n\n\nb = f(2)\n\n\nend(f)\n", ("a = f(1)", "a = g(1)"))
BEST = Proposal("a.py", 4, 1, ("b = g(2)",), "substitute")
END = Proposal("a.py", 7, 1, ("end(f)",), "mention")
PLACES = [Ranked(2.0, BEST), Ranked(1.0, END)]


def words(answers: Mapping[str, str], least: float = 0.1, chance: float = 0.4) -> list[Word]:
    model = ScriptedModel(answers)
    return list(asked(STATE, [(chance, BEST)], PLACES, Writer(model), least=least))


def test_agreement_is_a_word_on_the_proposal() -> None:
    (word,) = words({"-b = f(2)\n": "+b = g(2)\n \n"})
    assert (word.proposal, word.part) == (BEST, AGREED)
    assert word.values["chance"] == pytest.approx(math.log(0.4 / 0.6))
    assert word.values["mean"] == pytest.approx(-0.05)
    assert word.values["worst"] == -0.05
    assert word.values["unseen"] == 0


def test_what_the_model_writes_instead_speaks_against_the_proposal_and_for_itself() -> None:
    kept, other = words({"-b = f(2)\n": "+b = tea(2)\n \n"})
    assert (kept.proposal, kept.part) == (BEST, KEPT)
    assert (other.proposal.new, other.part) == (("b = tea(2)",), OTHER)
    assert other.values["unseen"] == 1


def test_at_other_places_it_finds_what_changes_or_nothing() -> None:
    *_, found = words({"-b = f(2)\n": "+b = g(2)\n \n", "\n \n \n": "-end(f)\n+end(g)\n \n"})
    assert (found.proposal.key, found.part) == (("a.py", 7, 1, ("end(g)",)), FOUND)
    assert found.values["place"] == pytest.approx(1.0 - math.log(math.e**2 + math.e))
    assert found.values["opening"] == pytest.approx(-math.log(math.exp(0.05) - 1))
    assert len(words({"-b = f(2)\n": "+b = g(2)\n \n", "\n \n \n": " end(f)\n"})) == 1


def test_an_improbable_proposals_place_is_one_among_others() -> None:
    (found,) = words({"\n \n \n": "-b = f(2)\n+b = g(2)\n \n"}, least=0.5)
    assert (found.proposal.key, found.part) == (BEST.key, FOUND)


def test_out_of_time_nothing_is_said() -> None:
    model = ScriptedModel({"-b = f(2)\n": "+b = g(2)\n \n"})
    late = time.monotonic() - 1
    assert list(asked(STATE, [(0.4, BEST)], PLACES, Writer(model), least=0.1, deadline=late)) == []


FITTED = Weights(
    {}, (0.0, 0.0, 0.0), 0.5,
    words={AGREED: {"bias": 2.0}, KEPT: {"bias": -2.0}, OTHER: {"bias": 1.0}, FOUND: {"bias": 0.5}},
)  # fmt: skip


def test_its_word_puts_the_choices_in_another_order() -> None:
    other = Proposal("a.py", 7, 1, ("end(g)",), "substitute")
    choices = [Choice(0.4, BEST), Choice(0.3, other)]
    assert after_words(choices, [], FITTED) == choices
    agreed = after_words(choices, [Word(BEST, AGREED, {"bias": 1.0})], FITTED)
    assert [round(one.chance, 2) for one in agreed] == [0.88, 0.3]
    denied = after_words(
        choices, [Word(BEST, KEPT, {"bias": 1.0}), Word(other, OTHER, {"bias": 1.0})], FITTED
    )
    assert [one.proposal for one in denied] == [other, BEST]
    sure = [Choice(0.9, BEST)]  # what it comes to by itself makes nothing less probable
    assert after_words(sure, [Word(BEST, FOUND, {"bias": 1.0})], FITTED)[0].chance == 0.9


def test_what_it_finds_is_shown_where_nothing_is_proposed() -> None:
    state = moment(
        "def load(path):\n    return read(path)\n\n\ncheck(sum(load_all('x'), key=limit))\n",
        ("return read(path)", "limit = 3\n    return read(path)"),
    )
    line = state.files["a.py"][5]
    found = line.replace("key=limit", "key=limit, top=3")
    writer = Writer(ScriptedModel({"\n \n": f"-{line}\n+{found}\n \n"}))
    plain = msgspec.structs.replace(weights(), words={})
    fitted = msgspec.structs.replace(plain, words=FITTED.words, heard_precisions={"0.6": 0.4})
    answer = next_edit(state, 0.6, fitted, writer=writer)
    assert isinstance(answer, NextEdit)
    assert (answer.proposal.start, answer.proposal.new) == (6, (found,))
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert isinstance(next_edit(state, 0.6, plain, writer=writer), Silence)
    doubtful = msgspec.structs.replace(fitted, words={FOUND: {"bias": -3.0}})
    silence = next_edit(state, 0.6, doubtful, writer=writer)
    assert isinstance(silence, Silence)
    assert silence.reason is Reason.UNLIKELY
    anything = next_edit(state, 0, doubtful, writer=writer)
    assert isinstance(anything, NextEdit)
    assert anything.proposal.new == (found,)
