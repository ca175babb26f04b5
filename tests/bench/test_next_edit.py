from __future__ import annotations

from typing import Any

from bench.next_edit import LONGEST, predict_at
from completion.prompt_next_edit_v1 import Format
from tests.support.scripted import ScriptedModel

FILE = "".join(f"value_{n} = old({n})\n" for n in range(1, 21))
CASE: dict[str, Any] = {
    "id": "c1",
    "files": {"a.py": FILE},
    "recent_edits": [{"path": "a.py", "diff": "@@ -1,1 +1,1 @@\n-value_1 = older(1)\n+value_1 = old(1)\n"}],
    "target": {"path": "a.py", "start_line": 7, "old_count": 2},
}


def predicted(answer: str, context: int = 4096, **target: int) -> tuple[dict[str, Any], str]:
    model = ScriptedModel(lambda _: answer, context=context)
    case = {**CASE, "target": {**CASE["target"], **target}}
    return predict_at(case, model, Format(model.tokenizer)), (model.prompts or [""])[0]


def test_lines_become_what_the_model_writes() -> None:
    prediction, prompt = predicted("+value_7 = new(7)\n+value_8 = new(8)\n value_9 = old(9)\n")
    assert prompt.endswith("-value_7 = old(7)\n-value_8 = old(8)\n")
    assert prediction.pop("ms") >= 0
    assert prediction == {
        "id": "c1", "path": "a.py", "start_line": 7, "old_count": 2,
        "new": ["value_7 = new(7)", "value_8 = new(8)"],
    }  # fmt: skip


def test_an_insertion_has_at_least_its_first_line() -> None:
    prediction, prompt = predicted("inserted()\n value_7 = old(7)\n", old_count=0)
    assert prompt.endswith(" value_6 = old(6)\n+")
    assert (prediction["new"], prediction["old_count"]) == (["inserted()"], 0)


def test_lines_may_go_without_replacement() -> None:
    assert predicted(" value_9 = old(9)\n")[0]["new"] == []


def test_the_prompt_leaves_room_for_the_answer() -> None:
    roomy, prompt = predicted("+x\n ")
    tight, shorter = predicted("+x\n ", context=len(prompt) + LONGEST - 80)
    assert roomy["new"] == tight["new"] == ["x"]
    assert len(shorter) < len(prompt)
    assert predicted("+x\n ", context=400)[0] == {"id": "c1", "none": True}


def test_nothing_is_predicted_where_no_place_is_given() -> None:
    model = ScriptedModel(lambda _: "+x\n ")
    assert predict_at({**CASE, "target": None}, model, Format(model.tokenizer)) == {"id": "c1", "none": True}
