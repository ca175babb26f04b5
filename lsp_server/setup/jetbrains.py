"""JetBrains' IDEs: a template for LSP4IJ, in a folder that the user imports once."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import msgspec

from lsp_server.config import Config
from lsp_server.setup.changes import Change, OwnFile
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "JetBrains with LSP4IJ"
PROGRAMS = ("idea", "pycharm", "clion", "goland", "webstorm", "rustrover", "phpstorm", "rider")
OLDEST = ()
AFTERWARDS = (
    "In the IDE, with the plugin LSP4IJ: Settings, Languages & Frameworks, Language Servers, +, Template, "
    "Import from custom template, and choose that folder. `--remove` removes the folder only."
)


def changes(machine: Machine) -> list[Change]:
    """The template's files, with the program that is started."""
    source = SOURCES / "jetbrains" / "tacit"
    target = machine.config("XDG_DATA_HOME", ".local/share") / "tacit" / "jetbrains" / "tacit"
    files = {path.name: path.read_text("utf-8") for path in sorted(source.iterdir())}
    template = json.loads(files["template.json"])
    template["programArgs"] = {
        "default": shlex.join([*machine.command, "serve"]),
        "windows": subprocess.list2cmdline([*machine.command, "serve"]),
    }
    files["settings.schema.json"] = json.dumps(_schema(), indent=2) + "\n"
    files["template.json"] = json.dumps(template, indent=2) + "\n"
    return [OwnFile(target / name, text) for name, text in files.items()]


def _schema() -> dict[str, Any]:
    """By which the IDE completes and checks the settings."""
    _, parts = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    draft = "http://json-schema.org/draft-07/schema#"
    return {"$schema": draft, "type": "object", "properties": {"tacit": parts["Config"]}, "$defs": parts}
