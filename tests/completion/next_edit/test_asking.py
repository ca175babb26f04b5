from __future__ import annotations

import math
import time
from collections.abc import Mapping

import msgspec
import pytest

from completion.next_edit.asking import AGREED, KEPT, OTHER, Word, asked
from completion.next_edit.ensemble import Choice, NextEdit, after_words, next_edit
from completion.next_edit.gate import Weights, weights
from completion.next_edit.proposal import Proposal
from completion.next_edit.writing import Writer
from completion.reasons import Reason, Silence
from tests.completion.next_edit.support import moment
from tests.support.scripted import ScriptedModel

STATE = moment("a = f(1)\n\n\nb = f(2)\n\n\nend(f)\n", ("a = f(1)", "a = g(1)"))
BEST = Proposal("a.py", 4, 1, ("b = g(2)",), "substitute")
NEXT = Proposal("a.py", 7, 1, ("end(g)",), "substitute")
CHOICES = [Choice(0.4, BEST), Choice(0.2, NEXT)]


def words(answers: Mapping[str, str], least: float = 0.1) -> list[Word]:
    return list(asked(STATE, CHOICES, Writer(ScriptedModel(answers)), least=least))


def test_agreement_is_a_word_on_the_proposal_and_the_last_one() -> None:
    (word,) = words({"-b = f(2)\n": "+b = g(2)\n \n", "-end(f)\n": "+end(g)\n \n"})
    assert (word.proposal, word.part) == (BEST, AGREED)
    assert word.values["chance"] == pytest.approx(math.log(0.4 / 0.6))
    assert word.values["mean"] == pytest.approx(-0.05)
    assert (word.values["worst"], word.values["rank"]) == (-0.05, 0)


def test_what_the_model_writes_instead_speaks_against_the_proposal_and_for_itself() -> None:
    kept, other, agreed = words({"-b = f(2)\n": "+b = h(2)\n \n", "-end(f)\n": "+end( g)\n \n"})
    assert (kept.proposal, kept.part) == (BEST, KEPT)
    assert (other.proposal.new, other.part) == (("b = h(2)",), OTHER)
    assert (agreed.proposal, agreed.part, agreed.values["rank"]) == (NEXT, AGREED, 1)


def test_of_what_is_improbable_it_has_no_word() -> None:
    assert [word.part for word in words({"-b = f(2)\n": "+b = h(2)\n \n"}, least=0.3)] == [KEPT, OTHER]
    assert words({"-b = f(2)\n": "+b = h(2)\n \n"}, least=0.5) == []


def test_out_of_time_nothing_is_said() -> None:
    writer = Writer(ScriptedModel({"-b = f(2)\n": "+b = g(2)\n \n"}))
    assert list(asked(STATE, CHOICES, writer, least=0.1, deadline=time.monotonic() - 1)) == []


FITTED = Weights(
    {}, (0.0, 0.0, 0.0), 0.5,
    words={AGREED: {"bias": 2.0}, KEPT: {"bias": -2.0}, OTHER: {"bias": 1.0}},
)  # fmt: skip


def test_its_word_puts_the_choices_in_another_order() -> None:
    assert after_words(CHOICES, [], FITTED) == CHOICES
    agreed = after_words(CHOICES, [Word(BEST, AGREED, {"bias": 1.0})], FITTED)
    assert [round(one.chance, 2) for one in agreed] == [0.88, 0.2]
    denied = after_words(CHOICES, [Word(BEST, KEPT, {"bias": 1.0}), Word(NEXT, OTHER, {"bias": 1.0})], FITTED)
    assert [one.proposal for one in denied] == [NEXT, BEST]
    sure = [Choice(0.9, BEST)]  # what it comes to by itself makes nothing less probable
    assert after_words(sure, [Word(BEST, OTHER, {"bias": 1.0})], FITTED)[0].chance == 0.9


def test_its_word_decides_what_is_shown() -> None:
    state = moment("a = f(1)\n\n\nb = f(2)\n", ("a = f(1)", "a = g(1)"))
    plain = msgspec.structs.replace(weights(), words={})
    fitted = msgspec.structs.replace(plain, words=FITTED.words, heard_precisions={"0.6": 0.5})
    agrees = Writer(ScriptedModel({"-b = f(2)\n": "+b = g(2)\n \n"}))
    answer = next_edit(state, 0.6, fitted, writer=agrees)
    assert isinstance(answer, NextEdit)
    assert answer.proposal.new == ("b = g(2)",)
    assert answer.thresholds == fitted.heard_precisions
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-2)))
    differs = Writer(ScriptedModel({"-b = f(2)\n": "+b = f(3)\n \n"}))
    other = next_edit(state, 0.6, fitted, writer=differs)
    assert isinstance(other, NextEdit)
    assert other.proposal.new == ("b = f(3)",)
    doubtful = msgspec.structs.replace(fitted, words={part: {"bias": -3.0} for part in FITTED.words})
    silence = next_edit(state, 0.6, doubtful, writer=agrees)
    assert isinstance(silence, Silence)
    assert silence.reason is Reason.UNLIKELY
    assert next_edit(state, 0.6, plain, writer=differs) == next_edit(state, 0.6, plain)
