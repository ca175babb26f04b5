"""The editors that Tacit knows, each a module with the members of `Editor`."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from lsp_server.setup.changes import Change

NAMES: Final = ("nvim", "vim", "emacs", "helix", "vscode", "jetbrains", "zed", "sublime", "kate")
SOURCES: Final = Path(__file__).resolve().parents[2] / "editors"


@dataclass(frozen=True)
class Machine:
    """Whose editors are set up, and what these are to start."""

    environment: Mapping[str, str]
    home: Path
    command: Sequence[str]

    def config(self, variable: str = "XDG_CONFIG_HOME", default: str = ".config") -> Path:
        """The user's folder for configuration, or the one that the variable names."""
        return Path(self.environment.get(variable) or self.home / default)


class Editor(Protocol):
    """What a module here says about its editor."""

    TITLE: str
    PROGRAMS: Sequence[str]
    """The names of its program, on the PATH."""
    OLDEST: tuple[int, ...]
    """The oldest version that has all that Tacit uses; empty where there is nothing to ask."""
    AFTERWARDS: str
    """What the user does next, or has to know: one or two sentences."""

    def changes(self, machine: Machine) -> list[Change]:
        """The files."""


def editor(name: str) -> Editor:
    """The module of one of `NAMES`."""
    return cast(Editor, importlib.import_module(f"lsp_server.setup.{name}"))


def this_machine() -> Machine:
    """The user's own, and this very installation, whatever PATH the editor has."""
    script = Path(sys.executable).with_name("tacit.exe" if os.name == "nt" else "tacit")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "tacit"]
    return Machine(os.environ, Path.home(), command)


def program(known: Editor) -> str | None:
    """Where the editor is, if it is on the PATH."""
    return next(filter(None, map(shutil.which, known.PROGRAMS)), None)


def version(program: str) -> tuple[int, ...]:
    """What the program calls itself, such as (0, 12, 4); empty where it does not say."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout.partition("\n")[0])
    return tuple(int(part) for part in found.groups() if part) if found else ()
