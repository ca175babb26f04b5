"""The demo's editor: what Neovim does with sketches and searches, over `bench.editor`."""

from __future__ import annotations

from pathlib import Path

from bench.client import CAPABILITIES, Client, Json, Pending
from bench.editor import Editor
from text.edits import Edit

ABILITIES: Json = {
    **CAPABILITIES,
    "experimental": {"closedFiles": True},
    "workspace": {
        **CAPABILITIES["workspace"],
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
    },
}
"""The capabilities of an editor that makes the server's edits, and opens files for next edits."""


class Hands(Editor):
    """An editor that also makes the edits of sketches, and searches. Offsets count code points."""

    def __init__(self, client: Client, root: Path) -> None:
        super().__init__(client, root)
        self.requested: Json = None
        """The workspace edit that the server asked for last."""
        client.answers["workspace/applyEdit"] = self._note

    def apply(self, sketch: str) -> Pending:
        """Have the server apply a sketch to the document; it asks for the edit before it answers."""
        self.requested = None
        arguments = [{"sketch": sketch, "uri": self.document.uri}]
        return self._client.send(
            "workspace/executeCommand", {"command": "tacit.apply", "arguments": arguments}
        )

    def requested_edits(self) -> tuple[Edit, ...]:
        """The edits of the document that the server asked for."""
        changes = self.requested["edit"]["documentChanges"]
        wanted = [each for each in changes if each["textDocument"]["uri"] == self.document.uri]
        edits = [self._edit(edit["range"], edit["newText"]) for each in wanted for edit in each["edits"]]
        return tuple(sorted(edits, key=lambda edit: edit.start))

    def search(self, question: str, answers: int, lines: int) -> Pending:
        """Ask the server's index."""
        params = {"query": question, "limit": answers, "excerptLines": lines}
        return self._client.send("tacit/search", params)

    def _note(self, params: Json) -> Json:
        self.requested = params
        return {"applied": True}
