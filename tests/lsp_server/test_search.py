from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.app import main
from tests.support.tiny_folder import tiny_folder

CODE = '''def resend_failed_items(queue):
    """Try again what could not be sent."""
    for item in queue.failed:
        item.send()


def area_of_circle(radius):
    return 3.14159 * radius * radius
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "work.py").write_text(CODE)
    return folder


def test_finds_and_explains(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["search", "where are failed uploads retried", "--repo", str(folder), "--json", "--explain"])
        == 0
    )
    best = json.loads(capsys.readouterr().out)[0]
    assert (best["path"], best["name"], best["start_line"]) == ("work.py", "resend_failed_items", 1)
    assert best["snippet"].startswith("def resend_failed_items")
    assert best["score"] == pytest.approx(sum(best["why"].values()), abs=1e-3)
    (folder / "work.py").unlink()
    assert main(["search", "circle", "--repo", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "area", "--repo", str(folder), "-k", "1", "--explain"]) == 0
    assert "work.py:7" in capsys.readouterr().out


def test_the_model_reads_the_answers_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tiny_folder(tmp_path / "tiny"))
    asked = ["search", "failed items of the circle", "--repo", str(folder), "--json", "--explain"]
    assert main([*asked, "--rerank", "--model", model, "-k", "1"]) == 0
    [best] = json.loads(capsys.readouterr().out)
    assert best["why"]["reading"] == 0
    assert main([*asked, "--rerank", "--model", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_bad_input(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "x", "--repo", str(folder / "nowhere")]) == 2
    assert main(["search", " ", "--repo", str(folder)]) == 2
    assert "nothing to look for" in capsys.readouterr().err


def test_evaluation_through_the_real_search(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["send_mail", "open_door", "sort_list"]
    corpus = [
        {"id": f"r#{n}", "repo": "r", "path": "a.py", "name": name, "start_line": 1, "end_line": 2}
        | {"code": f"def {name}(x):\n    return x\n"}
        for n, name in enumerate(names)
    ]
    queries = [{"id": "q", "repo": "r", "query": "sorts the list", "relevant": ["r#2"]}]
    files = [folder / "queries.jsonl", folder / "corpus.jsonl", folder / "out.jsonl"]
    for file, cases in ((files[0], queries), (files[1], corpus)):
        file.write_text("".join(json.dumps(case) + "\n" for case in cases))
    assert main(["eval", "search", *map(str, files)]) == 0
    assert json.loads(files[2].read_text())["ranked"][0] == "r#2"
    model = str(tiny_folder(folder / "tiny"))
    assert main(["eval", "search", *map(str, files), "--rerank", "--model", model]) == 0
    assert sorted(json.loads(files[2].read_text())["ranked"]) == ["r#0", "r#1", "r#2"]
    assert main(["eval", "search", str(files[0]), str(files[2])]) == 2
    assert "QUERIES CORPUS OUT" in capsys.readouterr().err
    files[0].write_text(json.dumps({"id": "q", "repo": "other", "query": "x"}))
    assert main(["eval", "search", *map(str, files)]) == 1
