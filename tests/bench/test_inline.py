from __future__ import annotations

from typing import Any

import pytest

from bench.inline import Conditions, predict
from completion.inline import InlineSettings
from tests.support.scripted import ScriptedModel

CASE = {
    "id": "c1",
    "path": "shop/area.py",
    "prefix": "def area(width, height):\n    return wid",
    "suffix": "\n\n\ndef volume(width, height, depth):\n    return area(width, height) * depth\n",
}
UNHURRIED = Conditions.unhurried(InlineSettings())


def model(**options: Any) -> ScriptedModel:
    return ScriptedModel({"return wid": "th * height\n"}, **options)


def test_the_completion_is_what_goes_in_at_the_cut() -> None:
    prediction = predict(CASE, model(), UNHURRIED)
    assert (prediction.id, prediction.completion) == ("c1", "th * height")
    assert prediction.line() == {"id": "c1", "completion": "th * height", "ms": round(prediction.ms, 1)}


def test_the_file_was_open_before_the_line_was_typed() -> None:
    scripted = model()
    predict(CASE, scripted, UNHURRIED)
    assert "return " not in scripted.prompts[0].replace("return area", "")
    assert "def volume" in scripted.prompts[0]
    assert scripted.prompts[-1].endswith("    return ")


@pytest.mark.parametrize(
    ("settings", "shown"), [(UNHURRIED, True), (Conditions(InlineSettings(), 300), False)]
)
def test_an_unsure_answer_counts_unless_the_product_would_hide_it(settings: Conditions, shown: bool) -> None:
    prediction = predict(CASE, model(logprob=-4.0), settings)
    assert bool(prediction.completion) is shown
    assert bool(prediction.reason) is not shown


def test_silence_has_its_reason() -> None:
    prediction = predict(CASE, ScriptedModel({}), UNHURRIED)
    assert prediction.completion == ""
    assert prediction.line()["reason"]
