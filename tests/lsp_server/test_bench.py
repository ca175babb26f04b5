from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.app import main
from tests.support.tiny_folder import tiny_folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_folder(tmp_path_factory.mktemp("models") / "tiny"))


def test_json_is_all_that_is_printed(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "engine", "--json", "--model", tiny, "--rounds", "1", "--threads", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"] == tiny
    assert document["machine"]["cpu"]
    assert document["engine"]["tacit"]["keystroke_ms"] > 0


def test_a_table_for_people(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "engine", "--model", tiny, "--rounds", "1", "--threads", "1"]) == 0
    printed = capsys.readouterr().out
    assert "keystroke_ms" in printed
    assert "prefill_tokens_per_s 1024" in printed


def test_a_damaged_model_is_reported(tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tiny_folder(tmp_path / "broken")
    (broken / "model.onnx").write_bytes(b"no graph")
    assert main(["bench", "engine", "--model", str(broken), "--rounds", "1"]) == 1
    assert "tacit bench: tacit: " in capsys.readouterr().err


def test_a_model_that_nobody_knows_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--model", "no-such"]) == 1
    said = capsys.readouterr().err
    assert "no-such" in said
    assert "Traceback" not in said
