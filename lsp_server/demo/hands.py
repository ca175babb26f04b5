"""The demo's editor: what Neovim does with next edits, sketches and files, over `bench.editor`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from bench.client import CAPABILITIES, Client, Json, Pending
from bench.editor import Editor
from text.edits import Edit

WANTED, AUTOMATIC = 1, 2
"""`triggerKind`: the person asks, or the editor does."""

ABILITIES: Json = {
    **CAPABILITIES,
    "workspace": {
        **CAPABILITIES["workspace"],
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
    },
}
"""The capabilities of an editor that also makes edits when the server asks it to."""


class Offered(NamedTuple):
    """A next edit: the file, the edit of its text, and what the server is told when it is made."""

    file: str
    edit: Edit
    command: Json


class Hands(Editor):
    """An editor that also shows next edits and makes the edits of sketches. Offsets count code points."""

    def __init__(self, client: Client, root: Path) -> None:
        super().__init__(client, root)
        self.requested: Json = None
        """The workspace edit that the server asked for last."""
        client.answers["workspace/applyEdit"] = self._note

    def ask_next_edit(self, *, wanted: bool) -> Pending:
        """Request the next edit for the cursor; `wanted`: by a key that the person pressed."""
        document = {"uri": self.document.uri, "version": self.document.version}
        context = {"triggerKind": WANTED if wanted else AUTOMATIC}
        position = self._position(self.cursor)
        params = {"textDocument": document, "position": position, "context": context}
        return self._client.send("textDocument/copilotInlineEdit", params)

    def offered(self, result: Json) -> Offered | None:
        """The next edit of a reply, after going to its file as an editor does; the cursor stays."""
        if not result["edits"]:
            return None
        item = result["edits"][0]
        self.visit(self.name_of(item["textDocument"]["uri"]))
        return Offered(self.name, self._edit(item["range"], item["text"]), item["command"])

    def make(self, offered: Offered) -> None:
        """Make a next edit and tell the server so."""
        self.replace(offered.edit)
        self._client.notify("workspace/executeCommand", _call(offered.command))

    def replace(self, edit: Edit) -> None:
        """Make an edit of the document, as one change."""
        self._replace(edit.start, edit.end, edit.new)

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

    def name_of(self, uri: str) -> str:
        """The file of a URI."""
        known = {document.uri: name for name, document in self._documents.items()}
        return known.get(uri) or Path(unquote(urlsplit(uri).path)).name

    def _edit(self, area: dict[str, Any], text: str) -> Edit:
        return Edit(self._offset(area["start"]), self._offset(area["end"]), text)


def _call(command: Json) -> Json:
    return {"command": command["command"], "arguments": command["arguments"]}
