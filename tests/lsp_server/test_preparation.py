"""A model on its way, in the real server and its real child process; and all that can go wrong with it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from bench.client import Client, server_command, server_environment
from engine.manifest import find
from tests.support.disks import read_only, small_disk
from tests.support.tiny_gguf import write_gguf

URI = "file:///a.py"
KNOWN = "smollm2-135m"


@contextlib.contextmanager
def started(errors: IO[str], model: str | Path, options: Any = None, **environment: str) -> Iterator[Client]:
    """A server that is about to make `model` ready."""
    variables = server_environment(TACIT_MODEL=str(model), **environment)
    with Client(server_command(), env=variables, stderr=errors) as client:
        client.initialize(options=options)
        client.open(URI, "python", "def f():\n    return ")
        yield client


def phase(client: Client) -> str:
    return str(client.request("tacit/status")["model"]["phase"])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def check_failure(client: Client, *sentences: str) -> None:
    """One message that holds `sentences`; the server lives, and says the same for each silence."""
    message = client.next_notification("window/showMessage", timeout=60)["message"]
    place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 11}}
    answer = client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
    assert answer == {"items": []}
    why = client.request("tacit/why")
    assert why["reason"] == "model-failed"
    for sentence in sentences:
        assert sentence in message
        assert sentence in why["detail"]
    assert phase(client) == "failed"


def test_a_model_file_is_converted_with_progress_and_then_answers(tmp_path: Path, errors: IO[str]) -> None:
    model = write_gguf(tmp_path / "tiny.gguf", "qwen2")
    with started(errors, model) as client:
        steps = [client.next_notification("$/progress", timeout=60)["value"] for _ in range(2)]
        assert steps[0]["kind"] == "begin"
        assert steps[0]["cancellable"]
        while steps[-1]["kind"] != "end":
            steps.append(client.next_notification("$/progress", timeout=60)["value"])
        assert any("converting" in step.get("message", "") for step in steps)
        wait_for(lambda: phase(client) == "ready")
        place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 11}}
        client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        assert client.request("tacit/why")["reason"] != "failed"
    with started(errors, model) as client:
        wait_for(lambda: phase(client) == "ready")  # from the cache


def test_no_network(errors: IO[str]) -> None:
    with started(errors, KNOWN, TACIT_OFFLINE="1") as client:
        check_failure(client, "could not be fetched", "TACIT_MODEL_MIRROR")


def test_a_corrupt_download(tmp_path: Path, errors: IO[str]) -> None:
    manifest = find(KNOWN)
    assert manifest is not None
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    with (mirror / manifest.file.name).open("wb") as file:
        file.truncate(manifest.file.size)
    with started(errors, KNOWN, TACIT_OFFLINE="1", TACIT_MODEL_MIRROR=str(mirror)) as client:
        check_failure(client, "could not be fetched", "hash")


def test_a_full_disk(tmp_path: Path, errors: IO[str]) -> None:
    model = write_gguf(tmp_path / "tiny.gguf")
    with (
        small_disk(tmp_path / "small", 16) as disk,
        started(errors, model, TACIT_CACHE_DIR=str(disk)) as client,
    ):
        check_failure(client, "The disk is full", "Free some space")


def test_a_cache_folder_that_cannot_be_written(tmp_path: Path, errors: IO[str]) -> None:
    model = write_gguf(tmp_path / "tiny.gguf")
    (tmp_path / "locked").mkdir()
    with (
        read_only(tmp_path / "locked") as folder,
        started(errors, model, TACIT_CACHE_DIR=str(folder)) as client,
    ):
        check_failure(client, str(folder), "Make it writable")


def test_a_model_that_nobody_knows(errors: IO[str]) -> None:
    with started(errors, "no-such-model") as client:
        check_failure(client, "no-such-model")


def test_a_model_file_that_is_none(tmp_path: Path, errors: IO[str]) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF and then nothing")
    with started(errors, tmp_path / "model.gguf") as client:
        check_failure(client, "model.gguf")


def test_a_converted_model_that_was_damaged(tmp_path: Path, errors: IO[str]) -> None:
    model = write_gguf(tmp_path / "tiny.gguf")
    with started(errors, model) as client:
        wait_for(lambda: phase(client) == "ready")
    (graph,) = (tmp_path / "cache" / "models").glob("*/model.onnx")
    graph.write_bytes(b"nonsense")
    with started(errors, model) as client:
        check_failure(client, "cannot be loaded", "tacit models")


def test_fetching_that_is_switched_off(errors: IO[str]) -> None:
    with started(errors, KNOWN, options={"download": False}, TACIT_OFFLINE="1") as client:
        check_failure(client, f"tacit models pull {KNOWN}")


def test_another_model_may_be_chosen_after_a_failure(tmp_path: Path, errors: IO[str]) -> None:
    model = write_gguf(tmp_path / "tiny.gguf")
    with Client(server_command(), env=server_environment(TACIT_OFFLINE="1"), stderr=errors) as client:
        client.initialize(options={"model": KNOWN})
        client.open(URI, "python", "def f():\n    return ")
        check_failure(client, "could not be fetched")
        settings = {"tacit": {"model": str(model)}}
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        wait_for(lambda: phase(client) == "ready")


@pytest.fixture
def silent_mirror() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_the_user_may_give_a_download_up(silent_mirror: str, errors: IO[str]) -> None:
    with started(errors, KNOWN, TACIT_MODEL_MIRROR=silent_mirror) as client:
        token = client.next_notification("$/progress")["token"]
        wait_for(lambda: len(psutil.Process(client.process.pid).children()) == 1)
        (child,) = psutil.Process(client.process.pid).children()
        client.notify("window/workDoneProgress/cancel", {"token": token})
        while client.next_notification("$/progress")["value"]["kind"] != "end":
            pass
        child.wait(10)
        assert phase(client) == "waiting"


def test_the_child_does_not_outlive_the_server(silent_mirror: str, errors: IO[str]) -> None:
    with started(errors, KNOWN, TACIT_MODEL_MIRROR=silent_mirror) as client:
        wait_for(lambda: len(psutil.Process(client.process.pid).children()) == 1)
        (child,) = psutil.Process(client.process.pid).children()
        client.shutdown()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_the_machine_is_measured_in_a_process_of_its_own(errors: IO[str]) -> None:
    environment = server_environment(TACIT_OFFLINE="1")
    environment.pop("TACIT_MODEL", None)
    with Client(server_command(), env=environment, stderr=errors) as client:
        client.initialize()
        message = client.next_notification("window/showMessage", timeout=60)["message"]
        assert "could not be fetched" in message  # so a name was chosen
        assert client.request("tacit/status")["memory_mb"] < 150
