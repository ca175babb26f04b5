"""VS Code: the program's path in the user's settings. The extension itself is installed by VS Code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lsp_server.setup.changes import Block, Change
from lsp_server.setup.editors import Machine

TITLE = "VS Code"
PROGRAMS = ("code", "codium", "code-insiders", "code-server")
OLDEST = ()
AFTERWARDS = "Install the extension: `code --install-extension tacit-0.1.0.vsix` (see editors/vscode)."


BUILDS = ("Code", "Code - Insiders", "VSCodium")
"""The names of its builds' folders. code-server's is among the user's data."""


def folders(machine: Machine) -> list[Path]:
    """Where each build that was started here keeps the user's settings, or else where VS Code will."""
    if sys.platform == "darwin":
        base = machine.home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(machine.environment.get("APPDATA") or machine.home)
    else:
        base = machine.config()
    builds = [base / name for name in BUILDS]
    server = machine.config("XDG_DATA_HOME", ".local/share") / "code-server"
    return [build / "User" for build in (*builds, server) if build.is_dir()] or [builds[0] / "User"]


def changes(machine: Machine) -> list[Change]:
    """One setting, in each build's settings."""
    setting = f'  "tacit.client.command": {json.dumps(list(machine.command))},'
    return [
        Block(
            folder / "settings.json",
            setting,
            "  //",
            in_braces=True,
            taken=r'"tacit\.client\.command"',
        )
        for folder in folders(machine)
    ]
