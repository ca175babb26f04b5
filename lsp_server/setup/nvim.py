"""Neovim: files of our own in its configuration folder, which it loads by itself."""

from __future__ import annotations

import os
from pathlib import Path

from lsp_server.setup.changes import Change, OwnFile
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Neovim"
PROGRAMS = ("nvim",)
OLDEST = (0, 12)
AFTERWARDS = "Open a file in Neovim and type; <Tab> accepts. `:checkhealth tacit` shows how it is."


def folder(machine: Machine) -> Path:
    """Neovim's `stdpath('config')`."""
    local = machine.environment.get("LOCALAPPDATA") if os.name == "nt" else None
    base = machine.environment.get("XDG_CONFIG_HOME") or local or machine.home / ".config"
    return Path(base) / (machine.environment.get("NVIM_APPNAME") or "nvim")


def changes(machine: Machine) -> list[Change]:
    """All Lua files, and in one of them the program that is started."""
    source, target = SOURCES / "nvim", folder(machine)
    quoted = ", ".join(_quoted(part) for part in machine.command)

    def text(path: Path) -> str:
        return path.read_text("utf-8").replace("cmd = { 'tacit',", f"cmd = {{ {quoted},")

    return [OwnFile(target / path.relative_to(source), text(path)) for path in sorted(source.rglob("*.lua"))]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
