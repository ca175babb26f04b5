"""`tacit apply`: what it prints, what it writes, and what it never does."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.report import ROOT
from lsp_server.app import main
from lsp_server.cli.apply import write
from tests.support.disks import read_only, small_disk
from tests.support.tiny_folder import tiny_folder

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
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(sketch.encode("utf-8"))))
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


def test_a_read_only_file_stays_as_it_is(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.chmod(0o444)
    assert apply(monkeypatch, SKETCH, str(file), "--write") == 1
    assert "as it was" in capsys.readouterr().err
    assert file.read_text() == OLD


def test_a_read_only_folder_stays_as_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with read_only(file.parent):
        assert apply(monkeypatch, SKETCH, str(file), "--write") == 1
        assert os.listdir(file.parent) == ["shape.py"]
    assert file.read_text() == OLD


def test_a_full_disk_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        file = disk / "shape.py"
        text = OLD + "# so that no second one finds room\n" * 1200
        file.write_text(text)
        assert apply(monkeypatch, SKETCH, str(file), "--write") == 1
        assert "No space left" in capsys.readouterr().err
        assert file.read_text() == text
        assert os.listdir(disk) == ["shape.py"]


def test_a_file_that_was_deleted_meanwhile_does_not_come_back(file: Path) -> None:
    file.unlink()
    with pytest.raises(FileNotFoundError):
        write(file, b"new", OLD.encode())
    assert os.listdir(file.parent) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes end in another way here")
def test_a_kill_at_any_instant_leaves_the_old_file_or_the_new_one(file: Path) -> None:
    versions = [OLD.encode() * 4000, NEW.encode() * 4000]
    file.write_bytes(versions[0])
    turns = (
        "import sys; from pathlib import Path; from lsp_server.cli.apply import write\n"
        "path = Path(sys.argv[1]); text = path.read_bytes(); size = len(text)\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    new = text.swapcase(); write(path, new, text); text = new\n"
    )
    whole = {versions[0], versions[0].swapcase()}
    for instant in (0.0, 0.003, 0.011, 0.025, 0.06):
        child = subprocess.Popen([sys.executable, "-c", turns, str(file)], stdout=subprocess.PIPE, cwd=ROOT)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(instant)
        child.kill()
        child.wait()
        child.stdout.close()
        assert file.read_bytes() in whole


def test_a_file_outside_of_the_root_is_refused_also_behind_a_link(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = file.parent / "root"
    root.mkdir()
    (root / "link.py").symlink_to(file)
    for path in (file, root / "link.py", root / ".." / "shape.py"):
        assert apply(monkeypatch, SKETCH, str(path), "--write", "--root", str(root)) == 3
        assert "is not in" in capsys.readouterr().err
    assert file.read_text() == OLD
    assert apply(monkeypatch, SKETCH, str(file), "--write", "--root", str(file.parent)) == 0


def test_what_is_not_text_is_an_error(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    assert apply(monkeypatch, SKETCH, str(file), "--json") == 1
    captured = capsys.readouterr()
    assert "UTF-8" in json.loads(captured.out)["error"]
    assert apply(monkeypatch, SKETCH, str(file.parent)) == 1
    assert "regular" in capsys.readouterr().err


def test_wrong_usage_exits_with_2() -> None:
    with pytest.raises(SystemExit) as raised:
        main(["apply"])
    assert raised.value.code == 2


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


TWICE = "def one(x):\n    check(x)\n    return x\n\n\ndef two(x):\n    check(x)\n    return x\n\n\nEND = 1\n"
EITHER = "# ... existing code ...\n    check(x)\n    log(x)\n    return x\n# ... existing code ...\n"


def test_a_model_may_guess_and_nothing_is_written(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(TWICE)
    model = str(tiny_folder(tmp_path / "tiny"))
    assert apply(monkeypatch, EITHER, str(file), "--write", "--json", "--guess-with", model) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["applied"] is False
    assert "+    log(x)" in document["preview"]
    assert file.read_text() == TWICE


def test_without_that_model_it_is_refused_as_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(TWICE)
    assert apply(monkeypatch, EITHER, str(file), "--guess-with", "no-such") == 3
    said = capsys.readouterr().err
    assert "no-such" in said
    assert "refused:" in said
