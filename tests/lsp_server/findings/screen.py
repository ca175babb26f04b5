"""An editor that shows findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bug_finder.samples import SHAPES, WRONG, certain
from tests.lsp_server.applying import EDITOR, Editor
from tests.lsp_server.connection import Connection

ALL: Any = {"bugs": {"precision": 0, "maxPerFile": 100}}
_EDITOR: Any = EDITOR
PULLS: Any = {
    **_EDITOR,
    "textDocument": {**_EDITOR["textDocument"], "diagnostic": {}},
    "workspace": {**_EDITOR["workspace"], "diagnostics": {"refreshSupport": True}},
}
LINE = SHAPES[: SHAPES.index(WRONG)].count("\n")


class Screen(Editor):
    """An editor that shows what is pushed to it, by URI. Nothing is indexed meanwhile."""

    def __init__(
        self, connection: Connection, root: Path, capabilities: Any = EDITOR, options: Any = None
    ) -> None:
        quiet = {"index": {"enabled": False}, **(options or {})}
        super().__init__(connection, root, capabilities, options=quiet)

    def start(self) -> Screen:
        super().start()
        return self

    def pushed(self, uri: str) -> list[Any]:
        """All pushes for a document."""
        return [
            params
            for method, params in list(self.connection.notifications)
            if method == "textDocument/publishDiagnostics" and params["uri"] == uri
        ]

    def shown(self, uri: str) -> list[Any]:
        """What does not depend on the network."""
        pushes = self.pushed(uri)
        return self.certain(pushes[-1]["diagnostics"]) if pushes else []

    def certain(self, items: list[Any]) -> list[Any]:
        return [each for each in items if certain(each["message"])]

    def shows(self, uri: str, count: int) -> list[Any]:
        self.connection.wait_for(lambda: len(self.shown(uri)) == count)
        return self.shown(uri)

    def pull(self, uri: str, previous: str | None = None) -> Any:
        params: Any = {"textDocument": {"uri": uri}, "previousResultId": previous}
        answer = self.connection.request("textDocument/diagnostic", params)
        return {**answer, "items": self.certain(answer["items"])} if "items" in answer else answer

    def replace(self, uri: str, old: str, new: str, version: int) -> None:
        """Edit the document as a person does: only what changes is sent."""
        text = self.texts[uri]
        at = text.index(old)
        where = {"start": place(text, at), "end": place(text, at + len(old))}
        self.texts[uri] = text.replace(old, new, 1)
        self.connection.change(uri, version, {"range": where, "text": new})

    def why(self) -> Any:
        return self.connection.request("tacit/status")["findings"][-1]


def place(text: str, at: int) -> Any:
    line = text.count("\n", 0, at)
    return {"line": line, "character": len(text[text.rfind("\n", 0, at) + 1 : at].encode("utf-16-le")) // 2}
