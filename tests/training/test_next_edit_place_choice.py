from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from completion.next_edit.proposal import Proposal
from training.next_edit_place_choice import COLUMNS, Ranking, State, fitted, main, ranking, state

WAYS = ["model", "contrast", "product", "weighed", "gate", "beside", "together"]
EDIT = {"path": "a.py", "diff": "@@ -1 +1 @@\n-total = 0\n+amount = 0\n"}
TEXT = "amount = 0\n\n\nprint(total)\n\n\nend()\n"


def case(number: int, target: int | None) -> dict[str, Any]:
    place = (
        {"path": "a.py", "start_line": target, "old_count": 1, "new": ["print(amount)"]} if target else None
    )
    return {
        "id": f"c{number}",
        "repo": f"r{number % 5}",
        "cls": "rename" if target else "done",
        "files": {"a.py": TEXT},
        "recent_edits": [EDIT],
        "cursor": {"path": "a.py", "line": 1, "col": 10},
        "target": place,
    }


def scored(best: int, odds: float) -> list[tuple[str, int, float, float]]:
    return [("a.py", line, odds if line == best else -8.0, -9.0) for line in range(2, 8)]


def test_lines_and_the_gates_places_are_told_apart() -> None:
    one = state(case(0, 4), scored(4, 1.0))
    lines = one.rows[:, COLUMNS.index("line")] == 1
    assert [spot.start for spot, line in zip(one.spots, lines, strict=True) if line] == [2, 3, 4, 5, 6, 7]
    assert [spot.start for spot, near in zip(one.spots[:6], one.near, strict=False) if near] == [3, 4, 5]
    renamed = [row for spot, row in zip(one.spots, one.rows, strict=True) if spot.new == ("print(amount)",)]
    assert renamed, "what the parts propose is among the gate's places"
    assert renamed[0][COLUMNS.index("place odds")] == 1.0
    assert renamed[0][COLUMNS.index("product's")] == 1.0
    assert one.product.first


def test_the_value_of_the_best_counts_what_stands_against_it() -> None:
    spots = [Proposal("a.py", line, 1, ("",), "line") for line in (1, 2, 9)]
    near = np.array([False, False, True])
    one = State("r", "rename", spots, near, np.ones((3, len(COLUMNS))), Ranking(0.0, False, False))
    assert ranking(one, np.array([2.0, 1.0, 0.0]), False) == Ranking(2.0, False, True)
    odds = np.exp([2.0, 1.0, 0.0])
    assert ranking(one, np.array([2.0, 1.0, 0.0]), True).value == pytest.approx(odds[0] / (1 + odds.sum()))
    assert ranking(one, np.full(3, -np.inf), True) == Ranking(-np.inf, False, False)


def test_what_tells_is_weighed() -> None:
    found = [state(case(n, 4), scored(4, 1.0)) for n in range(8)]
    found += [state(case(n, None), scored(4, -7.0)) for n in range(8, 12)]
    solved = fitted(found, ("line", "odds"))
    assert solved[1] > 0.1


def test_a_report_of_all_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case(n, 4 if n % 3 else None) for n in range(15)]
    cases[1]["target"]["start_line"] = 7
    path, places = tmp_path / "cases.jsonl", tmp_path / "places.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in cases))
    found = [{"id": one["id"], "places": scored(4, 3.0 if one["target"] else -7.0)} for one in cases]
    places.write_text("".join(json.dumps(one) + "\n" for one in found))
    assert main([str(path), str(places), "--folds"]) == 0
    said = capsys.readouterr().out
    assert (
        "10 cases with a target, 5 finished; 6 lines scored (median), the right place among them in 1.000"
        in said
    )
    (model,) = [line for line in said.splitlines() if line.startswith("model")]
    assert model.startswith("model      first 0.900  first three 1.000")
    assert model.endswith("0.95: 0.900")
    assert [line.split()[0] for line in said.splitlines()[1:]] == WAYS
    assert main([str(path)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["product"]
    assert main([str(path), str(places), "--fit", str(path), str(places)]) == 0
    assert "'odds'" in capsys.readouterr().out
