"""Vim: a package of our own, which it loads by itself."""

from __future__ import annotations

from pathlib import Path

from lsp_server.setup.changes import Change, OwnFile
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Vim"
PROGRAMS = ("vim",)
OLDEST = (9, 0)
AFTERWARDS = "Open a file in Vim and type; <Tab> accepts."


def changes(machine: Machine) -> list[Change]:
    """The plugin, and beside it the program that it starts."""
    source, target = SOURCES / "vim", machine.home / ".vim" / "pack" / "tacit" / "start" / "tacit"
    parts = ", ".join("'" + part.replace("'", "''") + "'" for part in [*machine.command, "serve"])
    setting = f"if !exists('g:tacit_command')\n  let g:tacit_command = [{parts}]\nendif\n"
    files: list[Path] = sorted(source.rglob("*.vim"))
    # Plugins are sourced in the order of their names.
    command = OwnFile(target / "plugin" / "0_tacit_command.vim", setting)
    return [command, *(OwnFile(target / path.relative_to(source), path.read_text("utf-8")) for path in files)]
