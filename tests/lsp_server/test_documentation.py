"""docs/LSP_EXTENSIONS.md names what the server answers."""

from __future__ import annotations

import re
from pathlib import Path

from lsp_server.requests.execute_command import COMMANDS
from lsp_server.server import Server

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "LSP_EXTENSIONS.md").read_text("utf-8")
UNSAID = {"$/setTrace"}  # accepted without effect


def test_every_method_and_command_is_documented() -> None:
    server = Server()
    named = set(re.findall(r"`([\w$/.]+)`", PAGE))
    named |= {f"textDocument/{name}" for name in named}
    try:
        assert set(server.protocol.handlers) - UNSAID <= named
        assert set(COMMANDS) <= named
    finally:
        server.lanes.close()
