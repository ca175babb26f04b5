"""Nothing is sent anywhere unless it was configured: a session is watched, and has no network to send to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.client import Client, server_environment
from tests.lsp_server.chat_server import DONE, chat_server, written
from tests.support.tiny_folder import tiny_folder

WATCHED = """
import os, sys

def watch(event, args):
    where = ""
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        where = args[1] if isinstance(args[1], tuple) else ""  # a path is that of a Unix socket
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        where = args[0]
    elif event == "subprocess.Popen":
        where = " ".join(map(str, args[1])) if "curl" in str(args[0]) or "pip" in str(args[1]) else ""
    if where:
        with open(os.environ["ATTEMPTS"], "a") as file:
            print(event, where, file=file)

sys.addaudithook(watch)
from lsp_server.app import main
sys.exit(main(["serve"]))
"""

TEXT = "import os\n\n\ndef area(width, height):\n    return width * height\n\n\nprint(area(1, 2))\n"


def test_a_session_needs_no_network_and_looks_for_none(tmp_path: Path) -> None:
    model = tiny_folder(tmp_path / "model")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "a.py").write_text(TEXT)
    attempts = tmp_path / "attempts"
    uri = (tmp_path / "w" / "a.py").as_uri()
    document = {"textDocument": {"uri": uri, "version": 2}}
    place = {**document, "position": {"line": 4, "character": 11}}
    with Client(
        [*_without_network(), sys.executable, "-c", WATCHED],
        env=server_environment(TACIT_MODEL=str(model), ATTEMPTS=str(attempts)),
        cwd=Path(__file__).parents[2],
    ) as client:
        client.initialize(tmp_path / "w")
        client.open(uri, "python", TEXT)
        changed = {
            "range": {"start": {"line": 3, "character": 9}, "end": {"line": 3, "character": 14}},
            "text": "size",
        }
        client.notify("textDocument/didChange", {**document, "contentChanges": [changed]})
        while client.request("tacit/status")["model"]["phase"] != "ready":
            client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        client.request("textDocument/copilotInlineEdit", place)
        client.request("textDocument/completion", place)
        client.request(
            "textDocument/codeAction", {**document, "range": changed["range"], "context": {"diagnostics": []}}
        )
        client.notify("textDocument/didSave", document)
        client.request("tacit/why")
        assert client.shutdown() == 0
    assert not attempts.exists(), attempts.read_text()


def test_a_session_with_a_remote_model_asks_that_server_alone(tmp_path: Path) -> None:
    attempts = tmp_path / "attempts"
    document = {"textDocument": {"uri": (tmp_path / "a.py").as_uri()}}
    place = {**document, "position": {"line": 4, "character": 11}, "context": {"triggerKind": 1}}
    with chat_server() as server:
        server.parts = [written(" x"), written("\n"), DONE]
        options = {"remote": {"url": server.url, "model": "qwen"}, "budgetMs": 10_000}
        variables = server_environment(ATTEMPTS=str(attempts))
        variables.pop("TACIT_MODEL", None)
        command = [sys.executable, "-c", WATCHED]
        with Client(command, env=variables, cwd=Path(__file__).parents[2]) as client:
            client.initialize(tmp_path, options=options)
            client.open(document["textDocument"]["uri"], "python", TEXT)
            while client.request("tacit/status")["model"]["phase"] != "ready":
                pass
            client.request("textDocument/inlineCompletion", place)
            assert client.shutdown() == 0
        assert server.asked
        asked = {
            line for line in attempts.read_text().splitlines() if not line.startswith("socket.getaddrinfo")
        }
        assert asked == {f"socket.connect ('127.0.0.1', {server.server_port})"}


def test_an_attempt_would_be_seen(tmp_path: Path) -> None:
    attempts = tmp_path / "attempts"
    tried = WATCHED.replace(
        "from lsp_server.app", "import socket; socket.create_connection(('127.0.0.1', 9))  #"
    )
    subprocess.run(
        [sys.executable, "-c", tried], env={"ATTEMPTS": str(attempts)}, capture_output=True, check=False
    )
    assert "127.0.0.1" in attempts.read_text()


def _without_network() -> list[str]:
    """A command before the command; empty where this machine does not let us."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--map-root-user", "--net"]
    works = unshare and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if works else []
