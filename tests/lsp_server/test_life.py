"""The real process: how fast it answers, how it ends, and what it never prints."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from bench.client import Client, server_command, server_environment

NO_MODEL = "/no/such/model.gguf"
HEAVY = ("numpy", "onnxruntime", "onnx", "tokenizers", "tree_sitter")


@pytest.fixture
def client(errors: IO[str]) -> Iterator[Client]:
    with Client(server_command(), env=server_environment(TACIT_MODEL=NO_MODEL), stderr=errors) as client:
        yield client


def test_initialize_is_answered_at_once(errors: IO[str]) -> None:
    times = []
    for _ in range(3):
        with Client(server_command(), env=server_environment(TACIT_MODEL=NO_MODEL), stderr=errors) as client:
            client.initialize()
            spent = psutil.Process(client.process.pid).cpu_times()
            times.append(spent.user + spent.system)
    # 400 ms is the aim by the clock of a quiet machine; tests run on busy ones, where processors take longer.
    assert min(times) < 0.8, times


def test_nothing_heavy_is_imported_before_initialize_is_answered() -> None:
    imports = "import sys; import lsp_server.server, lsp_server.logs"
    code = f"{imports}; print([name for name in {HEAVY} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=server_environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_shutdown_and_exit_end_with_zero(client: Client) -> None:
    client.initialize()
    assert client.shutdown() == 0


def test_exit_alone_ends_with_one(client: Client) -> None:
    client.initialize()
    client.notify("exit")
    assert client.process.wait(10) == 1


def test_the_end_of_stdin_ends_it(client: Client) -> None:
    client.initialize()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(10) == 1


def test_the_end_of_stdin_after_shutdown_is_no_failure(client: Client) -> None:
    client.initialize()
    client.request("shutdown")
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_sigterm_ends_it_cleanly(client: Client, tmp_path: Path) -> None:
    client.initialize()
    client.open("file:///a.py", "python", "x")
    client.request("tacit/status")
    report = tmp_path / "state" / "servers" / f"{client.process.pid}.json"
    wait_for(report.exists)
    client.process.send_signal(signal.SIGTERM)
    assert client.process.wait(10) == 0
    assert not report.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="starts a shell")
def test_it_ends_when_its_editor_dies_without_closing_the_pipe() -> None:
    editor = subprocess.Popen(["sleep", "60"])
    with Client(server_command(), env=server_environment(TACIT_MODEL=NO_MODEL)) as client:
        client.request("initialize", {"processId": editor.pid, "capabilities": {}})
        client.notify("initialized", {})
        client.request("tacit/status")
        editor.kill()
        editor.wait()
        assert client.process.wait(10) == 1


def test_an_editor_that_cannot_be_seen_is_not_taken_for_dead() -> None:
    with Client(server_command(), env=server_environment(TACIT_MODEL=NO_MODEL)) as client:
        client.request("initialize", {"processId": 2**22 + 1, "capabilities": {}})
        client.notify("initialized", {})
        client.request("tacit/status")
        time.sleep(2.5)
        assert client.request("tacit/status")["client"] == ""


def test_a_missing_model_is_told_once_with_a_remedy_and_explains_every_silence(client: Client) -> None:
    client.initialize()
    message = client.next_notification("window/showMessage")
    assert message["type"] == 1
    assert NO_MODEL in message["message"]
    client.open("file:///a.py", "python", "return ")
    ask(client)
    answer = client.request("tacit/why")
    assert answer["reason"] == "model-failed"
    assert NO_MODEL in answer["detail"]
    assert client.process.poll() is None


def test_retrying_tells_again(client: Client) -> None:
    client.initialize()
    client.next_notification("window/showMessage")
    client.request("workspace/executeCommand", {"command": "tacit.retryModel"})
    client.next_notification("window/showMessage")


def test_why_and_status_tell_what_the_server_knows(client: Client) -> None:
    client.initialize(client_name="an editor")
    client.next_notification("window/showMessage")
    client.open("file:///secret/folder/a.py", "python", "return ")
    ask(client, "file:///secret/folder/a.py")
    wait_for(lambda: run("why", "--json")[1].count("model-failed") == 1)
    code, text = run("why")
    assert code == 0
    assert "a.py" in text
    assert "secret" not in text
    assert "The model could not be made ready." in text
    code, text = run("why", "--json")
    assert json.loads(text)["requests"][0]["reason"] == "model-failed"
    code, text = run("status")
    assert code == 0
    assert str(client.process.pid) in text
    assert "an editor" in text
    server = json.loads(run("status", "--json")[1])["servers"][0]
    assert server["outcomes"] == {"model-failed": 1}
    assert server["stages"] == {}


def test_why_and_status_without_a_server() -> None:
    assert run("why") == (1, "")
    assert run("status") == (1, "")
    assert json.loads(run("why", "--json")[1])["requests"] == []
    assert json.loads(run("status", "--json")[1])["servers"] == []


def test_a_server_that_was_killed_is_forgotten(client: Client, tmp_path: Path) -> None:
    client.initialize()
    report = tmp_path / "state" / "servers" / f"{client.process.pid}.json"
    wait_for(report.exists)
    client.process.kill()
    client.process.wait()
    assert run("status") == (1, "")
    assert not report.exists()


def test_a_state_folder_that_cannot_be_written_is_survived(tmp_path: Path, errors: IO[str]) -> None:
    (tmp_path / "file").touch()
    environment = server_environment(TACIT_MODEL=NO_MODEL, TACIT_STATE_DIR=str(tmp_path / "file"))
    with Client(server_command(), env=environment, stderr=errors) as client:
        client.initialize()
        client.next_notification("window/showMessage")
        for _ in range(3):
            ask(client)
            time.sleep(0.1)
        assert client.shutdown() == 0
    errors.seek(0)
    assert errors.read().count("`tacit why`") == 1


def test_prints_of_others_do_not_reach_the_protocol() -> None:
    code = (
        "import os, sys; import lsp_server.server as s; serve = s.Server.serve\n"
        "def noisy(*a): print('noise'); os.write(1, b'noise'); return serve(*a)\n"
        "s.Server.serve = noisy\n"
        "from lsp_server.app import main; sys.exit(main(['serve', '--log', 'error']))"
    )
    with Client([sys.executable, "-c", code], env=server_environment(TACIT_MODEL=NO_MODEL)) as client:
        assert client.initialize()["serverInfo"]["name"] == "tacit"


@pytest.mark.parametrize("arguments", [("--stdio",), ("serve", "--stdio"), ("serve", "--clientProcessId=1")])
def test_flags_that_editors_add(arguments: tuple[str, ...]) -> None:
    with Client(server_command(*arguments), env=server_environment(TACIT_MODEL=NO_MODEL)) as client:
        client.initialize()
        assert client.shutdown() == 0


def ask(client: Client, uri: str = "file:///a.py") -> Any:
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 7}}
    return client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and stdout of a command."""
    done = subprocess.run(
        server_command(*arguments),
        env=server_environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
