"""`tacit apply`: what it prints, what it writes, and what it never does."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lsp_server.app import main
from lsp_server.cli.apply import write

OLD = "def area(width, height):\n    return width * height\n\n\ndef edge(width):\n    return 4 * width\n"
NEW = OLD.replace("width * height", "abs(width * height)")
SKETCH = "def area(width, height):\n    return abs(width * height)\n\n# ... existing code ...\n"
AMBIGUOUS = "<<<<<<< SEARCH\nno such line\n=======\nx\n>>>>>>> REPLACE\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shape.py"
    path.write_text(OLD)
    return path


def apply(monkeypatch: pytest.MonkeyPatch, sketch: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(sketch))
    return main(["apply", *arguments])


def test_it_prints_the_difference(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(monkeypatch, SKETCH, str(file)) == 0
    assert "-    return width * height\n+    return abs(width * height)\n" in capsys.readouterr().out
    assert file.read_text() == OLD


def test_it_writes_and_keeps_permissions_and_links(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o750)
    link = file.with_name("link.py")
    link.symlink_to(file)
    assert apply(monkeypatch, SKETCH, str(link), "--write") == 0
    assert link.is_symlink()
    assert file.read_text() == NEW
    assert file.stat().st_mode & 0o777 == 0o750
    assert sorted(os.listdir(file.parent)) == ["link.py", "shape.py"]


def test_a_refusal_exits_with_3_and_touches_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.stat().st_mtime_ns
    assert apply(monkeypatch, AMBIGUOUS, str(file), "--write") == 3
    assert "refused: " in capsys.readouterr().err
    assert (file.read_text(), file.stat().st_mtime_ns) == (OLD, before)


@pytest.mark.parametrize(("sketch", "code"), [(SKETCH, 0), (AMBIGUOUS, 3)])
def test_json_is_one_document(
    sketch: str, code: int, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(monkeypatch, sketch, str(file), "--json") == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["applied"] is (code == 0)


def test_the_sketch_may_be_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sketch = file.with_name("sketch.md")
    sketch.write_text(f"```python shape.py\n{SKETCH}```\n")
    assert main(["apply", str(file), "--sketch", str(sketch), "--write"]) == 0
    assert file.read_text() == NEW


def test_a_missing_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert apply(monkeypatch, SKETCH, str(tmp_path / "none.py")) == 1


def test_a_file_that_changed_meanwhile_stays_as_it_is(file: Path) -> None:
    with pytest.raises(OSError, match="meanwhile"):
        write(file, b"new", expected=b"what it was")
    assert file.read_text() == OLD
    assert os.listdir(file.parent) == ["shape.py"]


def test_a_read_only_file_stays_as_it_is(file: Path) -> None:
    file.chmod(0o444)
    if os.access(file, os.W_OK):
        pytest.skip("this user may write everything")
    with pytest.raises(PermissionError):
        write(file, b"new", OLD.encode())


def test_eval_writes_what_the_scorer_reads(file: Path) -> None:
    cases, out = file.with_name("cases.jsonl"), file.with_name("out.jsonl")
    for name, sketch in (("good", SKETCH), ("bad", AMBIGUOUS)):
        case = {"id": name, "original": OLD, "sketch": sketch, "path": "shape.py"}
        with cases.open("a") as lines:
            print(json.dumps(case), file=lines)
    assert main(["eval", "apply", str(cases), str(out)]) == 0
    good, bad = (json.loads(line) for line in out.read_text().splitlines())
    assert good["result"] == NEW
    assert bad["refused"] is True
