"""A workspace on disk and an editor that keeps what it shows, for the tests of applying."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lsp_server.documents import Change, DocumentStore, Place
from lsp_server.envelope import Code
from tests.lsp_server.connection import Connection, RequestFailed
from text.edits import Edit, apply

SHAPES = """\
def area(width, height):
    return width * height


def edge(width):
    return 4 * width


def volume(width, height, depth):
    return width * height * depth
"""

TWO_PARTS = """\
def area(width, height):
    return abs(width * height)

# ... existing code ...

def volume(width, height, depth):
    return abs(width * height * depth)
"""

BOTH = SHAPES.replace("width * height\n", "abs(width * height)\n").replace(
    "width * height * depth\n", "abs(width * height * depth)\n"
)
FIRST = SHAPES.replace("return width * height\n", "return abs(width * height)\n")
NOTES = f"# Make them positive\n\nIn `shapes.py`:\n\n```python\n{TWO_PARTS}```\n"
IN_THE_SKETCH = 8
"""A line of these, from 1."""

EDITOR = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["refactor.rewrite"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    },
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "window": {"workDoneProgress": True},
}
"""What a present-day editor says that it can do."""


AMBIGUOUS = "def f(self):\n    return 2\n"
TWICE = "class A:\n    def f(self):\n        return 1\n\n\nclass B:\n    def f(self):\n        return 1\n"


def fence(sketch: str, info: str = "python shapes.py") -> str:
    return f"Change this:\n\n```{info}\n{sketch}```\n"


class Editor:
    """Has a workspace, and does what the server asks of it."""

    def __init__(self, connection: Connection, root: Path, capabilities: Any = EDITOR, **more: Any) -> None:
        self.connection = connection
        self.root = root
        self.texts: dict[str, str] = {}
        self.edits: list[Any] = []
        connection.answers["workspace/applyEdit"] = self._apply
        connection.answers["window/workDoneProgress/create"] = lambda _: None
        self.capabilities: Any = None
        self._arguments = {"capabilities": capabilities, "rootUri": root.as_uri(), **more}

    def start(self) -> Editor:
        self.capabilities = self.connection.initialize(**self._arguments)["capabilities"]
        return self

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def open(self, name: str, text: str, language: str = "python", version: int = 0) -> str:
        uri = name if ":" in name else (self.root / name).as_uri()
        self.texts[uri] = text
        self.connection.open(uri, text, language=language, version=version)
        return uri

    def actions(self, uri: str, line: int, last: int | None = None, **context: Any) -> list[Any]:
        where = {"start": {"line": line, "character": 0}, "end": {"line": last or line, "character": 0}}
        params = {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": [], **context}}
        return self.connection.request("textDocument/codeAction", params) or []

    def titles(self, uri: str, line: int, last: int | None = None) -> list[str]:
        return [action["title"] for action in self.actions(uri, line, last)]

    def choose(self, uri: str, line: int, title: str) -> None:
        """Do what a person does who opens the menu and picks the entry that begins so."""
        action = next(each for each in self.actions(uri, line) if each["title"].startswith(title))
        self.make(self.connection.request("codeAction/resolve", action)["edit"])

    def command(self, name: str, **argument: Any) -> Any:
        params = {"command": name, "arguments": [argument]}
        return self.connection.request("workspace/executeCommand", params)

    def make(self, edit: Any) -> None:
        """Make a workspace edit, to open documents or to files; all of its positions are of before."""
        self.edits.append(edit)
        changes = edit.get("documentChanges") or [
            {"textDocument": {"uri": uri}, "edits": edits} for uri, edits in edit["changes"].items()
        ]
        for change in changes:
            uri = change["textDocument"]["uri"]
            text = self.text(uri)
            self.texts[uri] = apply(text, self._edits(uri, text, change["edits"]))

    def text(self, uri: str) -> str:
        if uri in self.texts:
            return self.texts[uri]
        # As editors do: the byte order mark is no part of the text.
        return Path(uri.removeprefix("file://")).read_bytes().decode("utf-8-sig")

    def _edits(self, uri: str, text: str, raw: list[Any]) -> tuple[Edit, ...]:
        """LSP's text edits as ours, through the code that reads a client's changes."""
        store = DocumentStore()
        store.encoding = self.connection.server.documents.encoding
        store.open(uri, "python", 0, text)
        snapshot = store.get(uri)
        assert snapshot
        found = []
        for each in raw:
            start, end = (
                Place(each["range"][at]["line"], each["range"][at]["character"]) for at in ("start", "end")
            )
            edit = store.edit(snapshot.document, Change(each["newText"], start, end))
            assert edit
            found.append(edit)
        return tuple(sorted(found, key=lambda edit: edit.start))

    def _apply(self, params: Any) -> Any:
        self.make(params["edit"])
        return {"applied": True}


def started(connection: Connection, root: Path, capabilities: Any, **more: Any) -> Editor:
    editor = Editor(connection, root, capabilities, **more).start()
    editor.write("shapes.py", SHAPES)
    return editor


def refused(editor: Editor, **argument: Any) -> RequestFailed:
    """The error that a command ends with; nothing may have been changed."""
    with pytest.raises(RequestFailed) as error:
        editor.command("tacit.apply", **argument)
    assert not editor.edits
    assert error.value.code != Code.INTERNAL_ERROR
    return error.value
