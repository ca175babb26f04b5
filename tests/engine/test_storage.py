"""Files that are written whole."""

from __future__ import annotations

import stat
from pathlib import Path

from engine.storage import write_whole


def test_a_reader_has_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    write_whole(path, b"old")
    with path.open("rb") as reader:
        write_whole(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_private_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "private" / "file.json"
    write_whole(path, b"", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
