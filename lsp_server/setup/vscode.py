"""VS Code: the program's path in the user's settings. The extension itself is installed by VS Code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lsp_server.setup.changes import Block, Change
from lsp_server.setup.editors import Machine

TITLE = "VS Code"
PROGRAMS = ("code", "codium", "code-insiders")
OLDEST = ()
AFTERWARDS = "Install the extension: `code --install-extension tacit-0.1.0.vsix` (see editors/vscode)."


def folder(machine: Machine) -> Path:
    """Where VS Code keeps the user's settings, by system."""
    if sys.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "Code" / "User"
    if sys.platform == "win32":
        return Path(machine.environment.get("APPDATA") or machine.home) / "Code" / "User"
    return machine.config() / "Code" / "User"


def changes(machine: Machine) -> list[Change]:
    """One setting."""
    setting = f'  "tacit.client.command": {json.dumps(list(machine.command))},'
    return [
        Block(
            folder(machine) / "settings.json",
            setting,
            "  //",
            in_braces=True,
            taken=r'"tacit\.client\.command"',
        )
    ]
