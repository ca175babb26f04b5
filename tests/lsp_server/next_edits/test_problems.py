"""What other servers say is wrong, passed on by the client: what follows, and what is not listened to."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lsp_server.documents import Change, DocumentStore, Place
from lsp_server.next_edits.problems import LONGEST, MOST, Mark, Problems
from lsp_server.next_edits.wire import Diagnostic, Position, Range
from tests.lsp_server.connection import Connection
from tests.lsp_server.next_edits.support import OTHER, URI, Editor, commands, reason

# `x` is too short a name to be replaced wherever it stands.
AREA = "def area(x, h):\n    return 2\n\n\ndef far(h):\n    return h * x\n\n\ndef own(x):\n    return x + x\n"


def about(editor: Editor, text: str, message: str, occurrence: int = 0, **more: Any) -> dict[str, Any]:
    """A diagnostic of an occurrence of `text`."""
    at = -1
    for _ in range(occurrence + 1):
        at = editor.text.index(text, at + 1)
    ends = {"start": editor.place(at), "end": editor.place(at + len(text))}
    return {"range": ends, "message": message, "severity": 1, "source": "other", **more}


def tell(editor: Editor, *diagnostics: dict[str, Any], **more: Any) -> None:
    params = {"uri": editor.uri, "version": editor.version, "diagnostics": diagnostics, **more}
    editor.client.notify("tacit/diagnostics", params)


def renamed(client: Connection) -> Editor:
    """A parameter has got another name, and the only other use of the old one is now an error."""
    editor = Editor(client, AREA)
    tell(editor)
    editor.replace("x, h", "y, h")
    return editor


def use(editor: Editor) -> dict[str, Any]:
    return about(editor, "x", '"x" is not defined', occurrence=0)


@pytest.mark.parametrize("way", ["notification", "request", "code action"])
def test_an_error_that_a_rename_left_behind_is_mended(client: Connection, way: str) -> None:
    editor = renamed(client)
    if way == "notification":
        tell(editor, use(editor))
        edit = editor.ask()
    elif way == "request":
        edit = editor.ask(diagnostics=[use(editor)])
    else:
        at = use(editor)["range"]
        context = {"diagnostics": [use(editor)], "triggerKind": 1}
        params = {"textDocument": {"uri": URI}, "range": at, "context": context}
        action = client.request("textDocument/codeAction", params)[0]
        assert action["title"] == "Next edit: line 6"
        return
    assert edit, reason(client)
    editor.make(edit)
    assert "return h * y" in editor.text
    assert "return x + x" in editor.text


def test_what_is_mended_in_another_file(client: Connection) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"crossFileEdits": True}}})
    other = Editor(client, "from shop import x\n\n\nprint(x)\n", OTHER)
    editor = Editor(client, "x = 1\n")
    editor.replace("x", "y")
    tell(other, about(other, "x", '"x" is unknown import symbol'))
    edit = editor.ask()
    assert edit, reason(client)
    assert edit["textDocument"] == {"uri": OTHER, "version": 0}
    other.make(edit)
    assert other.text.startswith("from shop import y\n")


@pytest.mark.parametrize(
    "case", ["ours", "old", "another version", "changed since", "taken back", "nothing of it", "no document"]
)
def test_what_is_not_listened_to(client: Connection, case: str) -> None:
    editor = Editor(client, AREA)
    if case == "old":  # it was there before the edit
        tell(editor, about(editor, "x", '"x" is not defined', occurrence=1))
        client.synchronise()
    editor.replace("x, h", "y, h")
    if case == "ours":
        tell(editor, {**use(editor), "source": "tacit"})
    elif case == "another version":
        tell(editor, use(editor), version=0)
    elif case == "changed since":
        tell(editor, use(editor))
        editor.replace("h * x", "h * 3")
    elif case == "taken back":
        tell(editor, use(editor))
        tell(editor)
    elif case == "nothing of it":
        tell(editor, about(editor, "own", '"own" is too long'))
    elif case == "no document":
        tell(editor, use(editor), uri=OTHER)
    else:
        tell(editor, use(editor))
    client.synchronise()
    edit = editor.ask()
    assert edit is None or edit["text"] != "y", edit
    assert not client.messages()


def test_the_place_of_an_error_is_jumped_to(client: Connection) -> None:
    """Nobody knows the text: a parameter is gone, and which of the arguments goes is the user's business."""
    jumps: list[Any] = []

    def jump(params: Any) -> Any:
        jumps.append(params["selection"]["start"]["line"])
        return {"success": True}

    client.answers["window/showDocument"] = jump
    calls = "".join(f"use_{n} = area({n}, {n})\n\n\n" for n in range(60))
    editor = Editor(client, "def area(width, height):\n    return 1\n\n\n" + calls)
    tell(editor)
    editor.replace("(width, height)", "(width)")
    tell(editor, about(editor, "7, 7", "Expected 1 positional argument"))
    commands(client, "tacit.jumpNext")
    assert jumps == [4 + 3 * 7]


@pytest.mark.parametrize("wrong", [None, {}, {"uri": URI}, {"uri": 7}, {"uri": URI, "diagnostics": [{}]}])
def test_params_that_do_not_fit(client: Connection, wrong: Any) -> None:
    editor = Editor(client)
    client.notify("tacit/diagnostics", wrong)
    tell(editor, diagnostics={})  # Lua's empty list
    tell(editor, {**about(editor, "qty", "?"), "severity": None, "source": None, "tags": {}, "code": 7})
    client.synchronise()
    assert [each.message for each in client.server.next_edits.problems.of(URI)] == ["?"]
    assert not client.messages()


# What is kept of them


def diagnostic(message: str, start: int = 0, end: int = 3, **more: Any) -> Diagnostic:
    return Diagnostic(Range(Position(0, start), Position(0, end)), message, **more)


def store(text: str = "one two\n") -> tuple[DocumentStore, Problems]:
    documents = DocumentStore()
    documents.open(URI, "python", 0, text)
    return documents, Problems(documents)


def test_marks_follow_the_text() -> None:
    documents, problems = store()
    problems.tell(URI, 0, [diagnostic("of one"), diagnostic("of two", 4, 7)])
    documents.change(URI, 1, [Change("a\n", Place(0, 0), Place(0, 0))])
    documents.change(URI, 2, [Change("1", Place(1, 1), Place(1, 2))])
    assert [(each.start, each.end, each.message) for each in problems.of(URI)] == [(6, 9, "of two")]
    problems.closed(URI)
    assert problems.of(URI) == ()


def test_the_worst_are_kept_and_no_long_messages() -> None:
    _, problems = store()
    problems.tell(URI, 0, [diagnostic(f"hint {n}", severity=4) for n in range(2 * MOST)])
    problems.tell(
        URI, 0, [*(diagnostic(f"hint {n}", severity=4) for n in range(MOST)), diagnostic("e" * 9999)]
    )
    found = problems.of(URI)
    assert len(found) == MOST
    assert found[0].message == "e" * LONGEST


@pytest.mark.parametrize(
    ("message", "tags", "unused"),
    [
        ("`os` imported but unused", [1], True),
        ('"os" imported and not used', None, True),
        ("'os' is declared but its value is never read.", [], True),
        ("Undefined name `os`", [2], False),
        ("Undefined name `os`", {}, False),
    ],
)
def test_what_is_of_no_use_any_more(message: str, tags: Any, unused: bool) -> None:
    _, problems = store()
    problems.tell(URI, 0, [diagnostic(message, tags=tags)])
    assert problems.of(URI)[0].unused == unused


def test_some_are_added_to_the_others() -> None:
    _, problems = store()
    problems.tell(URI, 0, [diagnostic("a"), diagnostic("b")])
    problems.tell(URI, 0, [diagnostic("b"), diagnostic("c")], whole=False)
    assert sorted(each.message for each in problems.of(URI)) == ["a", "b", "c"]


def test_what_comes_back_soon_was_there_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    _, problems = store()
    now = time.monotonic()
    since: list[Mark] = []
    for passed in (0, 10, 30, 200):
        monkeypatch.setattr(time, "monotonic", lambda passed=passed: now + passed)
        problems.tell(URI, 0, [diagnostic("a")])
        since += problems.of(URI)
        problems.tell(URI, 0, [])
    assert [round(each.since - now) for each in since] == [0, 0, 0, 200]
