"""Servers and editors for the tests of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lsp_server.connection import Connection
from tests.lsp_server.findings.screen import ALL, PULLS, Screen


@pytest.fixture
def screen(connection: Connection, tmp_path: Path) -> Screen:
    """A client that is pushed to."""
    (tmp_path / "w" / ".git").mkdir(parents=True)
    return Screen(connection, tmp_path / "w", options=ALL).start()


@pytest.fixture
def pulling(connection: Connection, tmp_path: Path) -> Screen:
    """A client that pulls."""
    (tmp_path / "w" / ".git").mkdir(parents=True)
    return Screen(connection, tmp_path / "w", PULLS, options=ALL).start()
