"""Emacs: our package in a folder of its own, and a block in the init file that loads it."""

from __future__ import annotations

from pathlib import Path

from lsp_server.setup.changes import Block, Change, OwnFile
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Emacs"
PROGRAMS = ("emacs",)
OLDEST = (30, 1)
AFTERWARDS = "Restart Emacs, open a file and type; TAB accepts."


def folder(machine: Machine) -> Path:
    """Emacs' own choice: `~/.emacs.d` where it is, and no init file beside it; else the XDG folder."""
    old = machine.home / ".emacs.d"
    return old if old.exists() or (machine.home / ".emacs").exists() else machine.config() / "emacs"


def changes(machine: Machine) -> list[Change]:
    """The package's files, and the block."""
    source, target = SOURCES / "emacs", folder(machine)
    init = machine.home / ".emacs"
    init = init if init.exists() else target / "init.el"
    command = " ".join(_quoted(part) for part in [*machine.command, "serve", "--log", "warning"])
    loads = (
        f"(add-to-list 'load-path {_quoted(str(target / 'tacit'))})\n"
        f"(setq tacit-command '({command}))\n"
        "(when (require 'tacit nil t)\n  (tacit-setup))"
    )
    files = [OwnFile(target / "tacit" / path.name, path.read_text("utf-8")) for path in source.glob("*.el")]
    return [*files, Block(init, loads, ";;")]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
