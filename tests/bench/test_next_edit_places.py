from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.next_edit_ensemble import moment_of
from bench.next_edit_places import BLOCK, MARGIN, MOST, Block, Place, apart, blocks, places, predict, singles
from completion.prompt_next_edit_v1 import AROUND, KEEP, LEAD, Format, RecentEdit, View
from engine.decode import CachedModel
from engine.load import load_model

DIFF = "--- a/a.py\n+++ b/a.py\n@@ -40,1 +40,1 @@\n-total = 0\n+amount = 0\n"


def case(others: Mapping[str, str] | None = None) -> dict[str, Any]:
    text = [f"line_{n} = {n}" for n in range(1, 201)]
    text[39], text[149] = "amount = 0", "print(total)"
    return {
        "id": "c",
        "files": {"a.py": "".join(f"{line}\n" for line in text), **(others or {})},
        "recent_edits": [{"path": "a.py", "diff": DIFF}],
        "cursor": {"path": "a.py", "line": 40, "col": 10},
        "target": {"path": "a.py", "start_line": 150, "old_count": 1, "new": ["print(amount)"]},
    }


@pytest.fixture(scope="module")
def model(tiny: Path) -> CachedModel:
    return load_model(str(tiny), threads=1)


def edits() -> list[RecentEdit]:
    return [RecentEdit("a.py", DIFF)]


def test_blocks_hold_names_of_the_edits_or_are_next_to_the_cursor() -> None:
    found = blocks(moment_of(case({"b.py": "import total\n", "c.py": "nothing\n"})))
    assert found[:3] == [Block("a.py", 33, 49), Block("a.py", 17, 33), Block("a.py", 49, 65)]
    assert set(found[3:]) == {Block("a.py", 145, 161), Block("b.py", 1, 2)}


def test_of_blocks_that_hold_more_and_rarer_names_come_first() -> None:
    others = {f"{n}.py": "total\n" for n in range(2 * MOST)}
    found = blocks(moment_of(case({**others, "best.py": "total, amount\n"})))
    assert len(found) == MOST
    assert found[3] == Block("best.py", 1, 2)


def test_one_pass_says_of_each_line_what_a_pass_for_it_alone_says(model: CachedModel) -> None:
    form = Format(model.tokenizer)
    moment = moment_of(case())
    found = {
        place.line: place for place in places(moment, edits(), blocks(moment), model, form, contrast=True)
    }
    assert 40 not in found, "the edit's own line is no place"
    file = View("a.py", 1, moment.files["a.py"])
    view = View("a.py", 33 - MARGIN, file.between(33 - MARGIN, 33 + BLOCK + MARGIN))
    for line in (33, 41, 48):
        asked = (
            form.view(view) + form.header(view, 33 - LEAD) + form.lines(KEEP, file.between(33 - LEAD, line))
        )
        for odds, history in ((found[line].odds, form.history(edits())), (found[line].plain, [])):
            (kept,) = model.score([*history, *asked], [form.marks[KEEP]])
            assert odds == pytest.approx(log_odds(kept), abs=1e-3)


def test_a_line_by_itself_is_asked_about_as_in_training(model: CachedModel) -> None:
    form = Format(model.tokenizer)
    moment = moment_of(case())
    assert singles(moment) == [Block("a.py", 150, 151, AROUND)]
    (place,) = places(moment, edits(), singles(moment), model, form)
    view = View("a.py", 1, moment.files["a.py"]).around(150)
    (kept,) = model.score(form.history(edits()) + form.view(view) + form.lead(view, 150), [form.marks[KEEP]])
    assert (place.path, place.line, place.plain) == ("a.py", 150, None)
    assert place.odds == pytest.approx(log_odds(kept), abs=1e-3)


def log_odds(kept: float) -> float:
    return math.log(1 - math.exp(kept)) - kept


def test_a_block_too_long_is_scored_in_parts_and_a_line_too_long_not_at_all(tiny: Path) -> None:
    small = load_model(str(tiny), threads=1, context=2048)
    wide = "x" * 20
    wide_file = "".join(f"total_{n}, total, {wide}\n" for n in range(BLOCK))
    long = case({"b.py": wide_file, "c.py": "total" * 800})
    moment = moment_of(long)
    found = places(moment, edits(), blocks(moment), small, Format(small.tokenizer))
    assert {place.line for place in found if place.path == "b.py"} == set(range(1, BLOCK + 1))
    assert not [place for place in found if place.path == "c.py"]


def test_the_prediction_is_a_line_that_stays_as_it_is(model: CachedModel) -> None:
    one = case()
    answer = predict(one, model, Format(model.tokenizer))
    lines = one["files"]["a.py"].split("\n")
    for each in (answer, *answer["alternatives"]):
        assert each["new"] == [lines[each["start_line"] - 1]]
    best = max(answer["places"], key=lambda place: place[2])
    assert [answer["path"], answer["start_line"], answer["old_count"]] == [*best[:2], 1]
    assert len(answer["alternatives"]) == 2
    assert answer["ms"] > 0
    contrasted = predict(one, model, Format(model.tokenizer), contrast=True)
    best = max(contrasted["places"], key=lambda place: place[2] - place[3])
    assert [contrasted["path"], contrasted["start_line"]] == best[:2]


def test_nothing_to_score_is_no_prediction(model: CachedModel) -> None:
    one = {**case(), "files": {"a.py": ""}}
    assert predict(one, model, Format(model.tokenizer)).items() >= {"id": "c", "none": True}.items()


def test_of_neighbours_only_the_best_is_taken() -> None:
    ranked = [Place("a", line, 0.0, 0.0) for line in (5, 6, 4, 8)] + [Place("b", 5, 0.0, 0.0)]
    assert [place.line for place in apart(ranked, 3)] == [5, 8, 5]
