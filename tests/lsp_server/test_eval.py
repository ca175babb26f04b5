from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.app import main
from tests.support.tiny_folder import tiny_folder

CASES = [
    {
        "id": f"case-{n}",
        "path": "area.py",
        "prefix": f"def area_{n}(width, height):\n    return wid",
        "suffix": "\n\n\nprint(area(2, 3))\n",
    }
    for n in range(3)
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_folder(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES))
    return path


def predictions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("options", [[], ["--as-shown"]])
def test_one_prediction_for_each_case_in_order(options: list[str], cases: Path, tiny: str) -> None:
    out = cases.with_name("out.jsonl")
    assert main(["eval", "inline", str(cases), str(out), "--model", tiny, *options]) == 0
    written = predictions(out)
    assert [each["id"] for each in written] == [case["id"] for case in CASES]
    assert all(isinstance(each["completion"], str) and each["ms"] >= 0 for each in written)
    assert all(each["completion"] or each["reason"] for each in written)


def test_only_the_first_cases(cases: Path, tiny: str) -> None:
    out = cases.with_name("out.jsonl")
    assert main(["eval", "inline", str(cases), str(out), "--model", tiny, "--limit", "2"]) == 0
    assert len(predictions(out)) == 2


def test_stdout_stays_empty(cases: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["eval", "inline", str(cases), str(cases.with_name("out.jsonl")), "--model", tiny])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), ("nonsense\n", "line 1"), ('{"id": "x"}\n', "'prefix'")],
)
def test_cases_that_cannot_be_read_are_named(
    content: str | None, message: str, tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.jsonl"
    if content is not None:
        path.write_text(content)
    assert main(["eval", "inline", str(path), str(tmp_path / "out"), "--model", tiny]) == 1
    said = capsys.readouterr().err
    assert "cases.jsonl" in said
    assert message in said


def test_a_model_that_cannot_be_had(cases: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "inline", str(cases), str(cases.with_name("out")), "--model", "no-such"]) == 1
    said = capfd.readouterr().err
    assert "no-such" in said
    assert "Traceback" not in said


def test_next_edit_where_the_place_is_given(tiny: str, tmp_path: Path) -> None:
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    target = {"path": "a.py", "start_line": 2, "old_count": 1}
    edits = [{"path": "a.py", "diff": "@@ -1 +1 @@\n-a\n+b\n"}]
    case = {"id": "c", "files": {"a.py": "b\na\n"}, "recent_edits": edits, "target": target}
    path.write_text(json.dumps(case) + "\n" + json.dumps({**case, "id": "d", "target": None}) + "\n")
    command = ["eval", "next_edit", str(path), str(out), "--model", tiny]
    assert main([*command, "--given-place"]) == 0
    first, second = predictions(out)
    assert first.items() >= target.items()
    assert second == {"id": "d", "none": True}


RENAMED: Any = {
    "id": "c",
    "files": {"a.py": "amount = 0\n\n\nprint(total)\n"},
    "recent_edits": [{"path": "a.py", "diff": "@@ -1 +1 @@\n-total = 0\n+amount = 0\n"}],
    "cursor": {"path": "a.py", "line": 1, "col": 10},
    "target": {"path": "a.py", "start_line": 4, "old_count": 1, "new": ["print(amount)"]},
}


def test_next_edit_where_only_the_place_is_asked_for(tiny: str, tmp_path: Path) -> None:
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    path.write_text(json.dumps(RENAMED) + "\n")
    assert main(["eval", "next_edit", str(path), str(out), "--model", tiny, "--places", "blocks"]) == 0
    (found,) = predictions(out)
    assert [line for _, line, *_ in found["places"]] == [2, 3, 4]
    assert found["start_line"] in (2, 3, 4)
    assert main(["eval", "next_edit", str(path), str(out), "--model", tiny, "--contrast"]) == 2


@pytest.mark.parametrize("options", [["--no-model"], ["--no-model", "--precision", "0"], []])
def test_next_edit_where_place_and_text_are_searched(options: list[str], tiny: str, tmp_path: Path) -> None:
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    nothing = {**RENAMED, "id": "d", "recent_edits": []}
    path.write_text(json.dumps(RENAMED) + "\n" + json.dumps(nothing) + "\n")
    model = [] if "--no-model" in options else ["--model", tiny]
    assert main(["eval", "next_edit", str(path), str(out), *model, *options]) == 0
    first, second = predictions(out)
    assert first["id"] == "c"
    assert first["ms"] >= 0
    if "--no-model" in options:
        assert (first["start_line"], first["old_count"], first["new"]) == (4, 1, ["print(amount)"])
    assert (second["none"], second["why"]) == (True, "nothing-changed")


def test_only_a_search_goes_without_a_model(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "inline", str(cases), str(cases.with_name("out")), "--no-model"]) == 2
    assert "--no-model" in capsys.readouterr().err


def test_bugs_take_cases_with_a_bug_and_clean_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    buggy = "def f(a, b):\n    check(a, b)\n    return a.x == b.x and a.y == a.y\n"
    case = {"id": "1", "language": "python", "buggy": buggy, "fixed": buggy.replace("== a.y", "== b.y")}
    bugs, clean, out = tmp_path / "bugs.jsonl", tmp_path / "clean.jsonl", tmp_path / "out.jsonl"
    bugs.write_text(json.dumps(case) + "\n")
    clean.write_text(
        json.dumps({"id": "2", "language": "python", "code": buggy.replace("== a.y", "== b.y")}) + "\n"
    )
    assert main(["eval", "bugs", str(bugs), str(clean), str(out)]) == 0
    assert [each["id"] for each in predictions(out)] == ["1", "1#fixed", "2"]
    assert main(["eval", "bugs", str(bugs), str(out)]) == 2
    assert "BUGS CLEAN OUT" in capsys.readouterr().err
