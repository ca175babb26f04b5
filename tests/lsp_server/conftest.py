from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's cache or the servers that run on this machine."""
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TACIT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("TACIT_MODEL", raising=False)


class Gate:
    """Holds the scripted model back in the middle of a request."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._open = threading.Event()

    def before_token(self, _: int) -> None:
        self._asked.set()
        assert self._open.wait(20)

    def wait_until_asked(self) -> None:
        assert self._asked.wait(20)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def scripted_model(request: pytest.FixtureRequest) -> ScriptedModel:
    """Writes `pass` on an empty line and completes a few beginnings.

    Waits at the gate where a test has one.
    """
    script = {"return ": "a + b\n", "print(": "total)\n", "\n": "y = 2\n", "def ": "f():\n    pass\n"}
    if "gate" in request.fixturenames:
        gate: Gate = request.getfixturevalue("gate")
        return ScriptedModel(script, before_token=gate.before_token)
    return ScriptedModel(script)


@pytest.fixture
def connection(scripted_model: ScriptedModel) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        yield connection


@pytest.fixture
def errors(tmp_path: Path) -> Iterator[IO[str]]:
    """The server's stderr; at the end it must hold no traceback."""
    with (tmp_path / "stderr").open("w+") as file:
        yield file
        file.seek(0)
        assert "Traceback" not in file.read()
