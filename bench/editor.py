"""An editor without a screen: documents, a cursor and ghost text, over a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from bench.client import Client, Json, Pending
from bench.session import SessionError
from text.document import Document
from text.edits import Edit
from text.languages import language_of
from text.matching import common_prefix, common_suffix
from text.positions import Encoding, Position, column_from_units, units_from_column

WANTED, AUTOMATIC = 1, 2
"""InlineCompletionTriggerKind of LSP 3.18: the person asks, or the editor does."""


class Offered(NamedTuple):
    """A next edit: the file, the edit of its text, and what the server is told when it is made."""

    file: str
    edit: Edit
    command: Json


class Editor:
    """Edits the files of a folder over a client that has been initialized. Positions go out as UTF-16."""

    def __init__(self, client: Client, root: Path) -> None:
        self.cursor = 0
        self._client = client
        self._root = root
        self._name = ""
        self._documents: dict[str, Document] = {}
        self._cursors: dict[str, int] = {}
        self._undo: tuple[str, Document, int] | None = None

    @property
    def name(self) -> str:
        """The file being edited, relative to the folder."""
        return self._name

    @property
    def document(self) -> Document:
        """The document being edited."""
        return self._documents[self._name]

    def visit(self, name: str) -> None:
        """Go to a file, where the cursor was when it was left; open it on the first visit."""
        if self._name:
            self._cursors[self._name] = self.cursor
        self._name = name
        if name not in self._documents:
            path = self._root / name
            language = language_of(path=path.name)
            self._documents[name] = Document.create(path.as_uri(), path.read_text("utf-8"), 0, language)
            self._client.open(path.as_uri(), language, self.document.text, version=0)
        self.cursor = self._cursors.get(name, len(self.document))

    def find(self, text: str) -> None:
        """Put the cursor at the end of `text`; raises SessionError unless the file has it once."""
        if (count := self.document.text.count(text)) != 1:
            raise SessionError(f"{self._name} has {text!r} {count} times, not once")
        self.cursor = self.document.text.index(text) + len(text)

    def mark(self) -> None:
        """Remember the state to which `undo` returns."""
        self._undo = (self._name, self.document, self.cursor)

    def insert(self, text: str) -> None:
        """Type `text` at the cursor, as one change."""
        self._replace(self.cursor, self.cursor, text)

    def backspace(self) -> None:
        """Rub one character out."""
        self._replace(self.cursor - 1, self.cursor, "")

    def undo(self) -> None:
        """Take everything back that happened since `mark`, as one change."""
        if self._undo is None:
            raise SessionError("there is nothing to undo")
        name, before, cursor = self._undo
        self.visit(name)
        old, new = self.document.text, before.text
        start = common_prefix(old, new)
        end = common_suffix(old, new, spare=start)
        self._replace(start, len(old) - end, new[start : len(new) - end])
        self.cursor = cursor

    def ask(self) -> Pending:
        """Request ghost text for the cursor, as an editor does by itself after a key."""
        return self._client.send(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self.document.uri},
                "position": self._position(self.cursor),
                "context": {"triggerKind": AUTOMATIC},
            },
        )

    def ask_next_edit(self, *, wanted: bool = False) -> Pending:
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
        command = {key: offered.command[key] for key in ("command", "arguments")}
        self._client.notify("workspace/executeCommand", command)

    def replace(self, edit: Edit) -> None:
        """Make an edit of the document, as one change."""
        self._replace(edit.start, edit.end, edit.new)

    def name_of(self, uri: str) -> str:
        """The file of a URI."""
        known = {document.uri: name for name, document in self._documents.items()}
        return known.get(uri) or Path(unquote(urlsplit(uri).path)).name

    def ghost(self, result: Json) -> str:
        """What the first item of a reply for the present state would put after the cursor, or ""."""
        item = _first_item(result)
        if item is None:
            return ""
        text = str(item["insertText"])
        if item.get("range") is None:
            return text
        typed = self.document.slice(self._offset(item["range"]["start"]), self.cursor)
        return text[len(typed) :] if text.startswith(typed) else ""

    def accept(self, result: Json) -> str:
        """Press Tab: put the first item in as its range says; return the text that is new."""
        item, ghost = _first_item(result), self.ghost(result)
        if item is not None and ghost:
            area = item.get("range")
            end = self.cursor if area is None else self._offset(area["end"])
            self._replace(self.cursor, end, ghost)
        return ghost

    def _replace(self, start: int, end: int, new: str) -> None:
        document = self.document
        version = document.version + 1
        area = {"start": self._position(start), "end": self._position(end)}
        self._documents[self._name] = document.replace(
            document.position(start), document.position(end), new, version
        )
        self.cursor = start + len(new)
        self._client.change(document.uri, version, [{"range": area, "text": new}])

    def _edit(self, area: dict[str, Any], text: str) -> Edit:
        return Edit(self._offset(area["start"]), self._offset(area["end"]), text)

    def _position(self, offset: int) -> dict[str, int]:
        line, column = self.document.position(offset)
        units = units_from_column(self.document.line(line), column, Encoding.UTF16)
        return {"line": line, "character": units}

    def _offset(self, position: dict[str, Any]) -> int:
        line = position["line"]
        column = column_from_units(self.document.line(line), position["character"], Encoding.UTF16)
        return self.document.offset(Position(line, column))


def _first_item(result: Json) -> dict[str, Any] | None:
    items = result["items"] if isinstance(result, dict) else result
    return items[0] if items else None
