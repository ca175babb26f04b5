"""`tacit index`, run as the command that it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.py").write_text("def upload_with_retry():\n    '''Try again if it fails.'''\n")
    (folder / ".env").write_text("KEY=1\n")
    (folder / "b.bin").write_bytes(b"\0" * 10)
    return folder


def command(root: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tacit", "index", str(root), *options]


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "TACIT_CACHE_DIR": str(root.parent / "cache"), "PYTHONPATH": str(HOME)}


def index(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(root, *options),
        env=environment(root),
        cwd=root.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_indexes_and_then_has_nothing_to_do(root: Path) -> None:
    first = index(root, "--json", "--check")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["files"], report["cut"], report["left_out"], report["problems"]) == (
        2,
        1,
        {"binary": 1},
        [],
    )
    assert Path(report["index"]).is_file()
    time.sleep(2.1)
    index(root)
    assert json.loads(index(root, "--json").stdout)["read"] == 0
    assert "2 files in the index" in index(root).stdout


def test_what_is_no_folder(root: Path) -> None:
    result = index(root / "a.py")
    assert result.returncode == 2
    assert "not a folder" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_stopped_by_the_user_it_keeps_what_it_has(root: Path) -> None:
    for number in range(3000):
        (root / f"{number}.py").write_text(f"def f{number}(a):\n    return a + {number}\n")
    process = subprocess.Popen(
        command(root, "--json"),
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    database = root.parent / "cache" / "index"
    deadline = time.monotonic() + 60
    while not list(database.glob("*.db-wal")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert index(root, "--check").returncode == 0
    if process.returncode == 130 and out:
        assert json.loads(out)["cancelled"]
