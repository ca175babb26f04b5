"""Workers: every file is answered for once, also those that kill, stall or swamp the worker."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from retrieval import parsing
from retrieval.content import UNSURE, note_of, packed, read
from retrieval.parsing import Parsed, Workers, parse
from retrieval.walk import Stat


def answers(root: Path, paths: list[str], count: int = 1, timeout: float = 20) -> dict[str, Parsed]:
    with Workers(root, count, timeout) as workers:
        found = list(workers.parse(paths))
    assert sorted(each.path for each in found) == sorted(paths)
    return {each.path: each for each in found}


@pytest.mark.parametrize("count", [1, 2])
def test_workers_give_what_parsing_here_gives(tmp_path: Path, count: int) -> None:
    sources = sorted(Path(parsing.__file__).parent.glob("*.py"))
    for path in sources:
        (tmp_path / path.name).write_bytes(path.read_bytes())
        os.utime(tmp_path / path.name)
    names = [path.name for path in sources]
    found = answers(tmp_path, names, count)
    for name in names:
        assert found[name].chunks == parse(tmp_path, name).chunks
        assert found[name].chunks


@pytest.mark.parametrize(
    "deed",
    [
        "os._exit(3)",
        "os.kill(os.getpid(), 11)",
        "time.sleep(60)",
        "sum(iter(int, 1))",
        "bytearray(1 << 40)",
    ],
)
def test_a_file_that_ends_the_worker_costs_only_itself(
    tmp_path: Path, deed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The worker imports this in its own process, where one file does what a broken parser could do.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys, time\n"
        "if 'retrieval.parsing' in sys.orig_argv:\n"
        "    import retrieval.chunk as chunk\n"
        "    real = chunk.chunk_file\n"
        "    def chunk_file(path, text, language=None):\n"
        f"        return {deed} if path == 'bad.py' else real(path, text, language)\n"
        "    chunk.chunk_file = chunk_file\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    names = [f"{number}.py" for number in range(50)]
    names[20] = "bad.py"
    for name in names:
        (tmp_path / name).write_text("def f():\n    pass\n")
    found = answers(tmp_path, names, timeout=1.5)
    bad = found.pop("bad.py")
    expected = {"t": "too slow", "s": "too slow", "b": "too large"}.get(deed[0], "crashed")
    assert bad.reason == expected
    assert bad.hash == read(tmp_path / "bad.py", "bad.py").hash
    assert all(each.chunks for each in found.values())


def test_a_worker_that_somebody_else_kills_costs_no_file(tmp_path: Path) -> None:
    names = [f"{number}.py" for number in range(200)]
    for name in names:
        (tmp_path / name).write_text("def f():\n    pass\n")
    found: list[Parsed] = []
    with Workers(tmp_path) as workers:
        psutil.Process(workers._workers[0]._process.pid).kill()  # while it waits for work
        for number, parsed in enumerate(workers.parse(names)):
            found.append(parsed)
            if number in (50, 120):
                workers._workers[0]._process.kill()
    assert sorted(each.path for each in found) == sorted(names)
    assert all(each.chunks for each in found)


def test_two_megabytes_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("var a=[" + "[1,{b:2}]," * 200_000 + "]")
    (tmp_path / "other.js").write_text("function f() {\n}\n")
    found = answers(tmp_path, ["one.js", "other.js"])
    assert found["one.js"].reason == "minified"
    assert found["other.js"].chunks


def test_files_that_are_gone_or_something_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    found = answers(tmp_path, ["none.py", "folder.py", "link.py", "pipe.py"])
    assert [found[name].reason for name in ("none.py", "folder.py", "link.py")] == ["unreadable"] * 3
    assert not found["pipe.py"].chunks


def test_chunks_with_secrets_are_left_out(tmp_path: Path) -> None:
    key = "ghp_" + "a1B2c3D4e5" * 4
    (tmp_path / "a.py").write_text(f"def f():\n    return '{key}'\n\n\ndef g():\n    return 1\n")
    assert [each.name for each in parse(tmp_path, "a.py").chunks or ()] == ["g"]


def test_a_stat_is_trusted_only_once_it_has_settled() -> None:
    now = time.time_ns()
    old, young, future = (Stat(10, now + each * 10**9, now - 10**12, 7) for each in (-3600, -1, 3600))
    assert note_of(old, now) == packed(old)
    assert note_of(young, now) == UNSURE
    assert note_of(future, now) == UNSURE
    assert note_of(old._replace(ctime_ns=now), now) == UNSURE
