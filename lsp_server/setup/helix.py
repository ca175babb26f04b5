"""Helix: a block in `languages.toml`, and two keys in `config.toml`."""

from __future__ import annotations

import json
import re

from lsp_server.setup.changes import Block, Change
from lsp_server.setup.editors import SOURCES, Machine

TITLE = "Helix"
PROGRAMS = ("hx", "helix")
OLDEST = (25, 7)
AFTERWARDS = (
    "Open a file in Helix and type; the suggestion is the last entry of the menu. Alt-n goes to the next "
    'edit, and makes it. Languages in your own `languages.toml` stay as they are: add "tacit" to them.'
)


def changes(machine: Machine) -> list[Change]:
    """The server for each language that the user has not configured, and the keys."""
    folder = machine.config() / "helix"
    languages, keys = folder / "languages.toml", folder / "config.toml"
    mine = _without_block(languages.read_text("utf-8")) if languages.exists() else ""
    entries = (SOURCES / "helix" / "languages.toml").read_text("utf-8").split("\n[[language]]\n")
    names = set(re.findall(r'^name\s*=\s*"([^"]+)"', mine, re.MULTILINE))
    kept = [entry for entry in entries[1:] if re.findall(r'name = "([^"]+)"', entry)[0] not in names]
    program, *arguments = machine.command
    server = entries[0].replace('command = "tacit"', f"command = {json.dumps(program)}")
    server = server.replace("args = [", "args = [" + "".join(f"{json.dumps(each)}, " for each in arguments))
    text = "\n[[language]]\n".join([server, *kept])
    wanted = (SOURCES / "helix" / "config.toml").read_text("utf-8")
    return [
        Block(languages, text, "#", taken=r"^\[language-server\.tacit\]"),
        Block(keys, wanted, "#", taken=r"^\[keys\.normal\]"),
    ]


def _without_block(text: str) -> str:
    return re.sub(r"^# tacit: begin.*?^# tacit: end$", "", text, flags=re.DOTALL | re.MULTILINE)
