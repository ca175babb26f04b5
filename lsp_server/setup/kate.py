"""Kate: its LSP client's own JSON, which has no comments: a file of ours, where there is none."""

from __future__ import annotations

import json
from pathlib import Path

from lsp_server.setup.changes import CannotChange, Change, OwnFile
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Kate"
PROGRAMS = ("kate",)
OLDEST = ()
AFTERWARDS = (
    "Restart Kate. It starts one server per language: for those in this file, Tacit instead of the usual one."
)


class NewFile(OwnFile):
    """Kept as it is where the user has written one."""

    def made(self, before: str | None) -> str:
        """What it has to hold; raises CannotChange where there is something else."""
        if before is not None and before.strip() and before != self.text:
            raise CannotChange(f'{self.path} is yours. Add to its "servers":\n\n{self.text}')
        return self.text


def changes(machine: Machine) -> list[Change]:
    """The file of editors/kate, with the program that is started."""
    settings = json.loads((SOURCES / "kate" / "settings.json").read_text("utf-8"))
    for server in settings["servers"].values():
        server["command"] = [*machine.command, "serve"]
    path: Path = machine.config() / "kate" / "lspclient" / "settings.json"
    return [NewFile(path, json.dumps(settings, indent=4) + "\n")]
