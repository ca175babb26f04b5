"""`tacit related` on the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lsp_server.app import main


def git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


def test_it_tells_what_changed_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "inner").mkdir()
    for number in range(4):
        (tmp_path / "inner" / "a.py").write_text(f"{number}\n")
        (tmp_path / "b.py").write_text(f"{number}\n")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", "it")
    assert main(["related", str(tmp_path / "inner" / "a.py"), "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["path"], found["commits"]) == ("b.py", 4)
    assert main(["related", str(tmp_path / "inner" / "a.py")]) == 0
    assert "b.py  (4 commits)" in capsys.readouterr().out
    assert main(["related", str(tmp_path / "never.py")]) == 0
    assert "No file" in capsys.readouterr().out


def test_it_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["related", str(tmp_path / "a.py")]) == 1
    assert "no git work tree" in capsys.readouterr().err
    assert main(["related", str(tmp_path / "a.py"), "-k", "0"]) == 2
