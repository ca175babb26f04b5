from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.client import Client
from tests.support.tiny_folder import tiny_folder

ECHO_SERVER = Path(__file__).parents[1] / "support" / "echo_server.py"


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the echo server."""
    with Client([sys.executable, str(ECHO_SERVER)]) as client:
        yield client


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A converted model of random weights."""
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")
