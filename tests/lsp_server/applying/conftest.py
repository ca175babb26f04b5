"""An editor whose workspace holds one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.applying import actions
from tests.lsp_server.applying import SHAPES, Editor
from tests.lsp_server.connection import Connection


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine too, a menu tells the parts of a change."""
    monkeypatch.setattr(actions, "PATIENCE_S", 20)


@pytest.fixture
def editor(connection: Connection, tmp_path: Path) -> Editor:
    root = tmp_path / "work"
    root.mkdir()
    editor = Editor(connection, root).start()
    editor.write("shapes.py", SHAPES)
    return editor
