"""Fetching, against real servers, real packages and real disks that fail in every way we know."""

from __future__ import annotations

import hashlib
import random
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.errors import FetchError
from engine.fetch import fetch
from engine.manifest import Manifest, ModelFile, Part, Url, Wheels
from engine.progress import Progress
from tests.support.disks import read_only, small_disk
from tests.support.web import Web, serve

DATA = random.Random(0).randbytes(5_000_000)
NAME = "tiny.gguf"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TACIT_OFFLINE", "TACIT_MODEL_MIRROR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / NAME).write_bytes(DATA)
    with serve(folder) as server:
        yield server


def manifest(*sources: Url | Wheels) -> Manifest:
    file = ModelFile(NAME, len(DATA), hashlib.sha256(DATA).hexdigest())
    return Manifest("tiny", "Tiny", "completion", "S", "llama", "MIT", 512, "prefix_v1", file, sources)


def url(web: Web) -> Url:
    return Url(f"{web.url}/{NAME}")


def fetched(tmp_path: Path, *sources: Url | Wheels) -> Path:
    """Fetch and check that the file is whole, and nothing but it and its lock is left."""
    path = fetch(manifest(*sources), tmp_path / "to")
    assert path.read_bytes() == DATA
    assert {each.name for each in path.parent.iterdir()} == {NAME, f".{NAME}.lock"}
    return path


def failure(tmp_path: Path, *sources: Url | Wheels) -> FetchError:
    """Fetch in vain, and check that nothing passes for the file."""
    with pytest.raises(FetchError) as caught:
        fetch(manifest(*sources), tmp_path / "to")
    assert not (tmp_path / "to" / NAME).exists()
    assert "TACIT_MODEL_MIRROR" in caught.value.remedy
    return caught.value


def test_reports_progress_and_fetches_once(tmp_path: Path, web: Web) -> None:
    steps: list[Progress] = []
    for _ in range(2):
        fetch(manifest(url(web)), tmp_path / "to", steps.append)
    assert len(web.requests) == 1
    for stage in ("fetch", "verify"):
        done = [step.done for step in steps if step.stage == stage]
        assert done == sorted(done)
        assert done[-1] == len(DATA)
    assert {step.total for step in steps} == {len(DATA)}


def test_resumes_a_connection_that_breaks_off(tmp_path: Path, web: Web) -> None:
    web.cut_after = 2_000_000
    fetched(tmp_path, url(web))
    assert [asked for _, asked in web.requests] == ["", "bytes=2000000-", "bytes=4000000-"]


def test_starts_anew_where_the_server_knows_no_ranges(tmp_path: Path, web: Web) -> None:
    partial = tmp_path / "to" / f"{NAME}.partial"
    partial.parent.mkdir()
    partial.write_bytes(DATA[:1000])
    web.ranges = False
    fetched(tmp_path, url(web))


@pytest.mark.parametrize(
    "found",
    [b"garbage" * 1000, DATA[:-1] + b"?", DATA + b"more", DATA],
    ids=["garbage", "wrong at its end", "too long", "whole, not verified"],
)
def test_survives_a_damaged_unfinished_file(tmp_path: Path, web: Web, found: bytes) -> None:
    partial = tmp_path / "to" / f"{NAME}.partial"
    partial.parent.mkdir()
    partial.write_bytes(found)
    fetched(tmp_path, url(web))


def test_a_file_with_another_hash_is_refused(tmp_path: Path, web: Web) -> None:
    (web.folder / NAME).write_bytes(DATA[:-1] + b"?")
    assert "127.0.0.1" in str(error := failure(tmp_path, url(web)))
    assert "the hash differs" in str(error)


def test_a_file_of_another_size_is_refused_before_it_is_read(tmp_path: Path, web: Web) -> None:
    (web.folder / NAME).write_text("<html>Please log in to this network</html>")
    assert f"not of {len(DATA)}" in str(failure(tmp_path, url(web)))


def test_the_next_source_is_tried_and_each_failure_is_told(tmp_path: Path, web: Web) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = Url(f"http://127.0.0.1:{unused.getsockname()[1]}/{NAME}")
        missing = Url(f"{web.url}/elsewhere/{NAME}")
        nowhere = Url(f"http://nowhere.invalid/{NAME}")
        started = time.monotonic()
        told = str(failure(tmp_path, closed, missing, nowhere))
        assert time.monotonic() - started < 10
        assert "127.0.0.1" in told
        assert "404" in told
        assert "nowhere.invalid: no connection" in told
        fetched(tmp_path, closed, missing, nowhere, url(web))


@pytest.mark.slow
def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        failure(tmp_path, Url(f"http://127.0.0.1:{silent.getsockname()[1]}/{NAME}"))
        assert time.monotonic() - started < 20


def test_offline_asks_nobody(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_OFFLINE", "1")
    told = str(failure(tmp_path, url(web), wheels(tmp_path / "wheels")))
    assert told.count("TACIT_OFFLINE is set") == 2
    assert not web.requests


def test_a_mirror_folder_serves_even_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / NAME).write_bytes(DATA)
    monkeypatch.setenv("TACIT_OFFLINE", "1")
    monkeypatch.setenv("TACIT_MODEL_MIRROR", str(tmp_path / "mirror"))
    fetched(tmp_path)


def test_a_mirror_url_comes_first(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_MODEL_MIRROR", f"{web.url}/")
    fetched(tmp_path, Url("http://nowhere.invalid/"))
    assert web.requests == [(f"/{NAME}", "")]


# Packages, by the real pip, from a folder in place of a registry.


def wheels(folder: Path, *pieces: bytes) -> Wheels:
    """Put the file's parts, or other `pieces`, into wheels in `folder`; the source wants the right ones."""
    folder.mkdir(exist_ok=True)
    border = 3_000_000
    wanted = [DATA[:border], DATA[border:]]
    parts = []
    for number, right in enumerate(wanted, 1):
        package = f"tacit_test_part{number}"
        member = f"{package}/part.bin"
        found = pieces[number - 1] if pieces else right
        with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as wheel:
            info = f"{package}-1.0.dist-info"
            wheel.writestr(member, found)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        name, digest = package.replace("_", "-"), hashlib.sha256(right).hexdigest()
        parts.append(Part(name, "1.0", member, len(right), digest))
    return Wheels(tuple(parts))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip, configured by the user to look into a folder only."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


def test_joins_the_parts_of_packages(tmp_path: Path, packages: Path) -> None:
    fetched(tmp_path, wheels(packages))


def test_keeps_the_parts_that_came(tmp_path: Path, packages: Path) -> None:
    source = wheels(packages)
    second = packages / "tacit_test_part2-1.0-py3-none-any.whl"
    second.rename(tmp_path / second.name)
    assert "tacit-test-part2==1.0" in str(failure(tmp_path, source))
    (tmp_path / second.name).rename(second)
    # Only the second part is asked for now.
    (packages / "tacit_test_part1-1.0-py3-none-any.whl").unlink()
    fetched(tmp_path, source)


def test_continues_what_another_source_began(tmp_path: Path, packages: Path, web: Web) -> None:
    web.cut_after = 4_000_000
    web.ranges = False
    failure(tmp_path, url(web))
    source = wheels(packages)
    (packages / "tacit_test_part1-1.0-py3-none-any.whl").unlink()
    fetched(tmp_path, url(web), source)


def test_a_package_with_other_bytes_is_refused(tmp_path: Path, packages: Path) -> None:
    told = str(failure(tmp_path, wheels(packages, DATA[:3_000_000], b"other")))
    assert "tacit_test_part2/part.bin" in told
    assert "its hash differs" in told


# Disks and processes.


def test_says_beforehand_that_the_disk_is_too_small(tmp_path: Path, web: Web) -> None:
    with (
        small_disk(tmp_path / "to", 1000),
        pytest.raises(FetchError, match=r"5 MB more, but .* 1 MB free") as caught,
    ):
        fetch(manifest(url(web)), tmp_path / "to")
    assert "TACIT_CACHE_DIR" in caught.value.remedy
    assert not web.requests


def test_a_read_only_folder_is_named(tmp_path: Path, web: Web) -> None:
    (tmp_path / "to").mkdir()
    with read_only(tmp_path / "to") as folder, pytest.raises(FetchError, match=str(folder)) as caught:
        fetch(manifest(url(web)), folder / "downloads")
    assert "TACIT_CACHE_DIR" in caught.value.remedy


CHILD = """
import resource, sys
from pathlib import Path
import msgspec
from engine.errors import FetchError
from engine.fetch import fetch
from engine.manifest import Manifest
if limit := int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    manifest = msgspec.json.decode(sys.argv[1], type=Manifest)
    fetch(manifest, Path(sys.argv[2]), lambda step: print(step, flush=True))
except FetchError as error:
    sys.exit(f"{error} | {error.remedy}")
"""


def child(tmp_path: Path, source: Url, limit: int = 0) -> subprocess.Popen[str]:
    """Another process that fetches to the same place, and may write files of `limit` bytes at most."""
    told = msgspec.json.encode(manifest(source)).decode()
    command = [sys.executable, "-c", CHILD, told, str(tmp_path / "to"), str(limit)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_disk_that_fills_up_is_told_and_what_came_is_kept(tmp_path: Path, web: Web) -> None:
    process = child(tmp_path, url(web), limit=3_000_000)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.startswith("The disk is full")
    assert "TACIT_CACHE_DIR" in told
    assert "Traceback" not in told
    fetched(tmp_path, url(web))
    assert web.requests[-1][1].startswith("bytes=")


def test_two_processes_fetch_once(tmp_path: Path, web: Web) -> None:
    children = [child(tmp_path, url(web)) for _ in range(2)]
    assert [process.wait(60) for process in children] == [0, 0]
    assert len(web.requests) == 1
    fetched(tmp_path, url(web))


def test_a_killed_process_leaves_something_to_resume(tmp_path: Path, web: Web) -> None:
    process = child(tmp_path, url(web))
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    fetched(tmp_path, url(web))
