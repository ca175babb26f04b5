"""Zed: it starts language servers of extensions only, and there is none for Tacit."""

from __future__ import annotations

from lsp_server.setup.changes import Change
from lsp_server.setup.editors import Machine

TITLE = "Zed"
PROGRAMS = ("zed", "zeditor")
OLDEST = ()
AFTERWARDS = (
    "Zed starts a language server only if an extension brings it, and there is none for Tacit: nothing can "
    "be set up. editors/zed says what would be needed."
)


def changes(machine: Machine) -> list[Change]:
    """None."""
    return []
