from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from bug_finder import dismissed
from bug_finder.dismissed import Dismissed, project_of


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_STATE_DIR", str(tmp_path / "state"))


def test_dismissed_until_undone_and_in_its_project_only(tmp_path: Path) -> None:
    here, there = Dismissed(tmp_path / "a"), Dismissed(tmp_path / "b")
    here.add("one")
    here.add("two")
    assert "one" in here
    assert "one" not in there
    assert len(here) == 2
    assert here.undo()
    assert "two" not in here
    assert here.undo("one")
    assert not here.undo("one")
    assert not here.undo()


def test_other_processes_see_it_and_it_lasts(tmp_path: Path) -> None:
    server, command = Dismissed(tmp_path), Dismissed(tmp_path)
    assert "one" not in command
    server.add("one")
    assert "one" in command
    server.close()
    assert "one" in Dismissed(tmp_path)


def test_the_record_holds_no_path_and_is_its_owners(tmp_path: Path) -> None:
    record = Dismissed(tmp_path / "secret-project")
    record.add("a-fingerprint")
    record.close()
    data = dismissed.path().read_bytes()
    assert b"secret-project" not in data
    assert b"a-fingerprint" not in data
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(dismissed.path()).st_mode) == 0o600


def test_a_damaged_record_is_put_aside(tmp_path: Path) -> None:
    dismissed.path().parent.mkdir(parents=True)
    dismissed.path().write_bytes(b"no database" * 100)
    record = Dismissed(tmp_path)
    record.add("one")
    assert "one" in record
    assert [path.suffix.partition("-")[0] for path in dismissed.path().parent.glob("*.damaged-*")] == [
        ".damaged"
    ]


def test_the_project_is_the_nearest_work_tree(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "x.py").touch()
    assert project_of(inner / "x.py") == inner
    assert project_of(inner) == inner
    (tmp_path / "a" / ".git").mkdir()
    assert project_of(inner / "x.py") == tmp_path / "a"
