"""The shapes of `textDocument/copilotInlineEdit`, as the clients that speak it read and write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from lsprotocol import types
from msgspec import Meta

from lsp_server import convert
from lsp_server.next_edits.offers import CLOSED
from text.document import Document
from text.edits import Edit
from text.matching import common_prefix, common_suffix
from text.positions import Encoding

METHOD = "textDocument/copilotInlineEdit"
DIAGNOSTICS = "tacit/diagnostics"
ACCEPT = "tacit.acceptNextEdit"


class Position(msgspec.Struct, frozen=True):
    """As LSP's."""

    line: Annotated[int, Meta(ge=0)]
    character: Annotated[int, Meta(ge=0)]


class Range(msgspec.Struct, frozen=True):
    """As LSP's."""

    start: Position
    end: Position


class Identifier(msgspec.Struct, frozen=True):
    """A document, and perhaps the version that the client means."""

    uri: str
    version: int | None = None


class Diagnostic(msgspec.Struct, frozen=True):
    """What another server says about the document."""

    range: Range
    message: str = ""
    severity: int | None = 1
    source: str | None = None
    tags: list[int] | dict[str, Any] | None = None  # Lua writes an empty list as {}


class Diagnostics(msgspec.Struct, frozen=True):
    """`tacit/diagnostics`: all that other servers say about a document, as they publish it."""

    uri: str
    version: int | None = None
    diagnostics: list[Diagnostic] | dict[str, Any] = []

    @property
    def each(self) -> list[Diagnostic]:
        """The diagnostics as a list."""
        return self.diagnostics if isinstance(self.diagnostics, list) else []


class Context(msgspec.Struct, frozen=True, rename="camel"):
    """1: the user asked, 2: the editor did."""

    trigger_kind: int = 2


class Params(msgspec.Struct, frozen=True, rename="camel"):
    """The request."""

    text_document: Identifier
    position: Position
    context: Context = Context()
    diagnostics: list[Diagnostic] | dict[str, Any] | None = None


class Command(msgspec.Struct, frozen=True):
    """What the client has us run once the user has accepted."""

    title: str
    command: str
    arguments: list[str]


class InlineEdit(msgspec.Struct, frozen=True, rename="camel"):
    """One edit. A deletion has an empty text."""

    text: str
    text_document: Identifier
    range: Range
    command: Command


class Answer(msgspec.Struct, frozen=True):
    """One edit or none; never null."""

    edits: list[InlineEdit] = []


class Shown(msgspec.Struct, frozen=True):
    """`didShowInlineEdit`, `didShowCompletion`: the item or the part of it with its command."""

    item: Any = None


class PartlyAccepted(msgspec.Struct, frozen=True, rename="camel"):
    """`didPartiallyAcceptCompletion`: UTF-16 units of the item's text so far."""

    item: Any = None
    accepted_length: int = 0


class Focus(msgspec.Struct, frozen=True, rename="camel"):
    """`didFocus`: the document that the user looks at now, or none."""

    text_document: Identifier | None = None


def diagnostics(found: Sequence[types.Diagnostic]) -> list[Diagnostic]:
    """The diagnostics of a standard request in our form."""
    return [
        Diagnostic(
            Range(_position(each.range.start), _position(each.range.end)),
            each.message if isinstance(each.message, str) else each.message.value,
            each.severity,
            each.source,
            list(each.tags or ()),
        )
        for each in found
    ]


def id_of(item: Any) -> str:
    """The id in an item's command; empty where there is none of ours."""
    command = item.get("command") if isinstance(item, dict) else None
    arguments = command.get("arguments") if isinstance(command, dict) else None
    first = arguments[0] if isinstance(arguments, list) and arguments else None
    return first if isinstance(first, str) else ""


def inline_edit(document: Document, edit: Edit, id: str, encoding: Encoding) -> InlineEdit:
    """The wire's form of an edit of `document`, with the URI and the version that its client knows.

    There is no version where the document is a file that is not open.
    """
    where = convert.range_of(document, edit.start, edit.end, encoding)
    # Editors hold lines without their ends: some would show a carriage return, and write it into the line.
    text = edit.new.replace("\r\n", "\n").replace("\r", "\n")
    return InlineEdit(
        text,
        Identifier(document.uri, None if document.version == CLOSED else document.version),
        Range(_position(where.start), _position(where.end)),
        Command("Accept the next edit", ACCEPT, [id]),
    )


def smallest(document: Document, edit: Edit, cursor: int | None = None) -> Edit:
    """`edit` without what it would replace by itself, so that editors show small differences.

    It is cut between words and not within them, but for an insertion at the cursor, which is ghost text;
    lines in place of lines are whole ones, as nobody can read a difference that begins and ends within them.
    """
    if cursor is not None and (insertion := at_cursor(document, edit, cursor)):
        return insertion
    old, new = document.slice(edit.start, edit.end), edit.new
    head = common_prefix(old, new)
    tail = common_suffix(old, new, spare=head)
    head, tail = _between_words(old, new, head, tail)
    if old[head - 1 : head + 1] == "\r\n":
        head -= 1
    if tail and old[len(old) - tail - 1 : len(old) - tail + 1] == "\r\n":
        tail -= 1
    if "\n" in old[head : len(old) - tail] and "\n" in new[head : len(new) - tail]:
        head = old.rfind("\n", 0, head) + 1
        tail = len(old) - _line_end(old, len(old) - tail)
    return Edit(edit.start + head, edit.end - tail, new[head : len(new) - tail])


def _line_end(text: str, at: int) -> int:
    """`at`, where a line begins there or the text ends; else the beginning of the next line."""
    behind = text.find("\n", at - 1)
    return behind + 1 if behind >= 0 else len(text)


def at_cursor(document: Document, edit: Edit, cursor: int) -> Edit | None:
    """The same as an insertion at the cursor, where it is one.

    An insertion may often be written at several places: a line after this one is also a line end and its
    text at the end of this one.
    """
    first, last = min(edit.start, cursor), max(edit.end, cursor)
    if (edit.start - first) + (last - edit.end) > len("\r\n"):
        return None
    old = document.slice(first, last)
    new = document.slice(first, edit.start) + edit.new + document.slice(edit.end, last)
    place, growth = cursor - first, len(new) - len(old)
    if growth <= 0 or old[:place] != new[:place] or old[place:] != new[place + growth :]:
        return None
    return Edit(cursor, cursor, new[place : place + growth])


_WORD_END = re.compile(r"\w*\Z")
_WORD_START = re.compile(r"\A\w*")


def _between_words(old: str, new: str, head: int, tail: int) -> tuple[int, int]:
    """Less of a common start and end, so that no word is cut in either text."""
    first = _WORD_END.search(old[:head])
    word = len(first[0]) if first else 0
    follows = (old[head : head + 1], new[head : head + 1])
    if word and any(char.isalnum() or char == "_" for char in follows):
        head -= word
    last = _WORD_START.search(old[len(old) - tail :] if tail else "")
    word = len(last[0]) if last else 0
    precedes = (old[: len(old) - tail][head:][-1:], new[: len(new) - tail][head:][-1:])
    if word and any(char.isalnum() or char == "_" for char in precedes):
        tail -= word
    return head, tail


def _position(position: types.Position) -> Position:
    return Position(position.line, position.character)
