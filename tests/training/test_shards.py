from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from training.data.examples import Excerpt, Place, window
from training.data.shards import BLOCK, ShardError, read_header, read_shard, write_shard

EXCERPTS = [Excerpt("a.py", index, ("x" * index, "é")) for index in range(2 * BLOCK + 3)]


def test_records_come_back_in_order(tmp_path: Path) -> None:
    written = write_shard(tmp_path / "a.shard", Excerpt, "recipe", EXCERPTS)
    assert list(read_shard(tmp_path / "a.shard", Excerpt)) == EXCERPTS
    assert written.records == len(EXCERPTS)
    assert written.bytes == (tmp_path / "a.shard").stat().st_size
    assert read_header(tmp_path / "a.shard").recipe == "recipe"


def test_same_records_same_bytes(tmp_path: Path) -> None:
    first = write_shard(tmp_path / "a.shard", Excerpt, "recipe", EXCERPTS)
    second = write_shard(tmp_path / "b.shard", Excerpt, "recipe", iter(EXCERPTS))
    assert first == second
    assert (tmp_path / "a.shard").read_bytes() == (tmp_path / "b.shard").read_bytes()
    assert write_shard(tmp_path / "c.shard", Excerpt, "recipe", EXCERPTS[1:]).digest != first.digest


def test_an_error_leaves_the_old_shard(tmp_path: Path) -> None:
    def broken() -> Iterator[Excerpt]:
        yield EXCERPTS[0]
        raise OSError

    write_shard(tmp_path / "a.shard", Excerpt, "old", EXCERPTS)
    with pytest.raises(OSError):  # noqa: PT011
        write_shard(tmp_path / "a.shard", Excerpt, "new", broken())
    assert [path.name for path in tmp_path.iterdir()] == ["a.shard"]
    assert read_header(tmp_path / "a.shard").recipe == "old"


def test_other_files_are_refused(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.shard", Excerpt, "recipe", EXCERPTS)
    with pytest.raises(ShardError, match="holds Excerpt, not Place"):
        next(read_shard(tmp_path / "a.shard", Place))
    whole = (tmp_path / "a.shard").read_bytes()
    (tmp_path / "cut.shard").write_bytes(whole[:-1])
    with pytest.raises(ShardError, match="breaks off"):
        list(read_shard(tmp_path / "cut.shard", Excerpt))
    (tmp_path / "text.shard").write_bytes(b"hello\n")
    with pytest.raises(ShardError, match="not a shard"):
        read_header(tmp_path / "text.shard")
    (tmp_path / "new.shard").write_bytes(whole.replace(b'"format":1', b'"format":9'))
    with pytest.raises(ShardError, match="format 9"):
        read_header(tmp_path / "new.shard")


def test_records_are_arrays() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(EXCERPTS[0])) == ["a.py", 0, ["", "é"]]


@pytest.mark.parametrize(
    ("place", "before", "after", "first", "last"),
    [((10, 1), 2, 1, 8, 11), ((10, 0), 2, 1, 8, 10), ((5, 2), 9, 0, 5, 6), ((14, 1), 0, 9, 14, 14)],
)
def test_window(place: tuple[int, int], before: int, after: int, first: int, last: int) -> None:
    excerpts = [Excerpt("b.py", 1, ("no",)), Excerpt("a.py", 5, tuple(map(str, range(5, 15))))]
    shown = window(excerpts, Place("a.py", *place, "target"), before, after)
    assert shown == Excerpt("a.py", first, tuple(map(str, range(first, last + 1))))
