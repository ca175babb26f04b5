"""Sublime Text: a client in the settings of its package LSP."""

from __future__ import annotations

import json
import sys

from lsp_server.setup.changes import Block, Change
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Sublime Text with LSP"
PROGRAMS = ("subl", "sublime_text")
OLDEST = ()
AFTERWARDS = "Restart Sublime Text; it needs the package LSP. Suggestions are in the completion menu."


def changes(machine: Machine) -> list[Change]:
    """The block of editors/sublime, with the program that is started."""
    text = (SOURCES / "sublime" / "LSP.sublime-settings").read_text("utf-8")
    clients = json.loads(text)["clients"]
    clients["tacit"]["command"] = [*machine.command, "serve"]
    lines = json.dumps({"clients": clients}, indent=2).splitlines()[1:-1]
    base = machine.config() / "sublime-text"
    if sys.platform == "darwin":
        base = machine.home / "Library" / "Application Support" / "Sublime Text"
    path = base / "Packages" / "User" / "LSP.sublime-settings"
    return [Block(path, "\n".join(lines) + ",", "  //", in_braces=True, taken=r'"clients"\s*:')]
