"""Two servers of one user, as two editors start them, and one model between them."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.client import Client, server_command, server_environment
from tests.support.tiny_folder import tiny_folder

URI = "file:///a.py"
PLACE = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 11}}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("model"))


@contextlib.contextmanager
def editor(model: Path, **options: Any) -> Iterator[Client]:
    """A server whose model is ready."""
    with Client(server_command(), env=server_environment(TACIT_MODEL=str(model))) as client:
        client.initialize(options={"budgetMs": 10_000, **options})  # on a busy machine too, it answers
        client.open(URI, "python", "def f():\n    return ")
        wait_until_ready(client)
        yield client


def wait_until_ready(client: Client) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while (report := client.request("tacit/status")["model"])["phase"] != "ready":
        assert time.monotonic() < deadline, report
        time.sleep(0.02)
    return dict(report)


def where(client: Client) -> str:
    return str(wait_until_ready(client)["detail"])


def ask(client: Client) -> dict[str, Any]:
    """What became of a request for ghost text; the model's word, if it was asked."""
    client.request("textDocument/inlineCompletion", {**PLACE, "context": {"triggerKind": 1}})
    return dict(client.request("tacit/why"))


def heir(*clients: Client) -> Client:
    """Who has the model itself now; the first where nobody has."""
    return next((each for each in clients if where(each) == ""), clients[0])


def process_of(client: Client) -> int:
    return int(client.request("tacit/status")["pid"])


def test_the_second_editor_uses_the_model_of_the_first(model: Path) -> None:
    # The bug finder has a small network of its own.
    with editor(model) as first, editor(model, bugs={"enabled": False}) as second:
        assert where(first) == ""
        assert where(second) == f"shared, in process {process_of(first)}"
        reports = [each.request("tacit/status") for each in (first, second)]
        assert [(each["model"]["host"], each["model"]["guests"]) for each in reports] == [
            (0, 1),
            (process_of(first), 0),
        ]
        libraries = {Path(each.path).name for each in psutil.Process(process_of(second)).memory_maps()}
        assert not any("onnxruntime" in name for name in libraries)
        assert {ask(each)["reason"] for each in (first, second)} == {ask(first)["reason"]}
        assert ask(second)["generated_tokens"] == ask(first)["generated_tokens"]


def test_who_does_not_want_to_share_does_not(model: Path) -> None:
    with editor(model) as first, editor(model, shareModel=False) as second:
        assert where(first) == where(second) == ""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_the_second_goes_on_where_the_first_ends(model: Path, end: str) -> None:
    with contextlib.ExitStack() as editors:
        first = editors.enter_context(editor(model))
        second = editors.enter_context(editor(model))
        third = editors.enter_context(editor(model))
        if end == "kill":
            psutil.Process(process_of(first)).send_signal(signal.SIGKILL)
        else:
            first.close()
        deadline = time.monotonic() + 20
        while sorted([where(second), where(third)]) != [
            "",
            f"shared, in process {process_of(heir(second, third))}",
        ]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        for each in (second, third):
            assert ask(each)["reason"] not in ("failed", "no-model", "model-failed")


def test_what_a_server_writes_is_the_users_alone(model: Path, tmp_path: Path) -> None:
    with editor(model) as first:
        ask(first)
        deadline = time.monotonic() + 10
        while not list((tmp_path / "state").rglob("*.json")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        written = [*(tmp_path / "state").rglob("*"), *(tmp_path / "cache").rglob("*")]
        assert not [path for path in written if path.stat().st_mode & 0o077]
