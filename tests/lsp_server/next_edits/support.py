"""An editor on one document, whose next edits are asked for."""

from __future__ import annotations

import time
from typing import Any

from lsp_server import feedback
from tests.lsp_server.connection import Connection

URI = "file:///project/shop.py"
OTHER = "file:///project/till.py"
EDITOR: Any = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "inlineCompletion": {},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
    },
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "window": {"showDocument": {"support": True}},
}
SHOP = """\
def price(qty):
    return qty * 3


def total(qty):
    cost = qty * 2
    return cost + price(qty)
"""
CALLS = "".join(f"call_{n}(old_name, {n})\n\n\nother_{n} = {n}\n\n\n" for n in range(6))


def start(connection: Connection, *, capabilities: Any = EDITOR, **options: Any) -> None:
    settings = {"budgetMs": 10_000, "precision": 0, "cooldownMs": 0, **options}
    connection.initialize(capabilities=capabilities, options=settings, rootUri="file:///project")
    connection.wait_for(lambda: connection.server.host.ready is not None)


class Editor:
    """One document as an editor has it: what is done to it is told to the server."""

    def __init__(self, client: Connection, text: str = SHOP, uri: str = URI) -> None:
        self.client, self.text, self.uri, self.version = client, text, uri, 0
        client.open(uri, text)

    def put(self, start: int, end: int, new: str) -> None:
        """Replace characters; the text is all ASCII."""
        ends = {"start": self.place(start), "end": self.place(end)}
        self.text = self.text[:start] + new + self.text[end:]
        self.version += 1
        self.client.change(self.uri, self.version, {"range": ends, "text": new})

    def replace(self, old: str, new: str, occurrence: int = 0) -> None:
        """Type `new` in place of an occurrence of `old`."""
        at = -1
        for _ in range(occurrence + 1):
            at = self.text.index(old, at + 1)
        self.put(at, at + len(old), new)

    def place(self, offset: int) -> Any:
        before = self.text[:offset]
        return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}

    def offset(self, place: Any) -> int:
        lines = self.text.splitlines(keepends=True)
        return sum(map(len, lines[: place["line"]])) + int(place["character"])

    def ask(self, line: int = 0, **more: Any) -> Any:
        """The one edit that the server offers, or None."""
        params = {
            "textDocument": {"uri": self.uri, "version": self.version},
            "position": {"line": line, "character": 0},
            "context": {"triggerKind": 2},
            **more,
        }
        edits = self.client.request("textDocument/copilotInlineEdit", params)["edits"]
        assert len(edits) <= 1
        return edits[0] if edits else None

    def make(self, edit: Any) -> None:
        """Make an edit that was offered, as clients do: by its range and text."""
        assert edit["textDocument"] == {"uri": self.uri, "version": self.version}
        self.put(self.offset(edit["range"]["start"]), self.offset(edit["range"]["end"]), edit["text"])

    def accept(self, edit: Any) -> None:
        """As sidekick.nvim does: the edit is made, then the command is sent."""
        self.make(edit)
        self.client.request("workspace/executeCommand", command(edit))


def command(edit: Any) -> Any:
    return {key: edit["command"][key] for key in ("command", "arguments")}


def rename(client: Connection, text: str = SHOP) -> Editor:
    """Somebody renames a parameter at its definition, and stops there."""
    editor = Editor(client, text)
    editor.replace("qty", "count")
    return editor


def commands(client: Connection, name: str, *arguments: Any) -> Any:
    return client.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})


def events(client: Connection) -> dict[str, str]:
    """Id and outcome of what is on record."""
    client.synchronise()
    client.server.next_edits.feedback.flush()
    return {event.id: event.outcome for event in feedback.events()}


def reason(client: Connection) -> Any:
    return client.why()["reason"]


def seen() -> None:
    """The user looks at what is on the screen."""
    time.sleep(0.55)
