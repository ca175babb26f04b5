"""Next edits in other files and beside ghost text, as far as the client can show them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.lanes import Lane
from lsp_server.next_edits.offers import Offer
from lsp_server.next_edits.session import LONG_REST_MS
from tests.lsp_server.connection import Connection, connected
from tests.lsp_server.next_edits.support import EDITOR, OTHER, URI, Editor, events, reason, rename, start
from tests.support.scripted import ScriptedModel
from text.edits import Edit

COPILOT_LSP = {"editorPluginInfo": {"name": "Github Copilot LSP for Neovim", "version": "0.0.1"}}


def test_plugins_for_another_server_are_understood(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        start(client, editorInfo={"name": "neovim"}, **COPILOT_LSP)
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"nextEditSuggestions": {"enabled": True}}}
        )
        client.notify("textDocument/didFocus", {"textDocument": {"uri": URI}})
        client.notify("textDocument/didFocus", {})
        # Without a version of ours, and without a context.
        editor = rename(client)
        params = {"textDocument": {"uri": URI, "version": 1}, "position": {"line": 0, "character": 0}}
        assert client.request("textDocument/copilotInlineEdit", params)["edits"]
        assert not client.messages()
        assert editor.version == 1


@pytest.mark.parametrize(
    ("options", "crosses"),
    [
        ({}, False),
        ({"crossFileEdits": True}, True),
        ({"editorPluginInfo": {"name": "sidekick.nvim"}}, True),
        ({"crossFileEdits": True, **COPILOT_LSP}, False),
    ],
)
def test_another_file_only_where_the_client_shows_it_there(
    scripted_model: ScriptedModel, options: Any, crosses: bool
) -> None:
    with connected(scripted_model) as client:
        start(client, **options)
        Editor(client, "from shop import fetch_all\n\nrows = fetch_all(7)\n", OTHER)
        editor = Editor(client, "def fetch_all(n):\n    return n\n")
        editor.replace("fetch_all", "fetch_rows")
        edit = editor.ask()
        assert (edit["textDocument"]["uri"] if edit else None) == (OTHER if crosses else None)
        if edit:
            assert edit["textDocument"]["version"] == 0


TILL = "from shop import fetch_all\n\nrows = fetch_all(7)\n"
FETCH = "def fetch_all(n):\n    return n\n"


def test_an_offer_in_another_file_goes_with_what_it_followed_from(scripted_model: ScriptedModel) -> None:
    """Somebody has deleted half a name, looks at what that would lead to, and types the new one."""
    with connected(scripted_model) as client:
        start(client, crossFileEdits=True)
        till, editor = Editor(client, TILL, OTHER), Editor(client, FETCH)
        editor.replace("fetch_all", "fetch_")
        assert editor.ask()["textDocument"]["uri"] == OTHER
        editor.replace("fetch_", "fetch_rows")
        till.make(editor.ask())
        assert "import fetch_rows\n" in till.text


@pytest.mark.parametrize("opened", ["before", "meanwhile"])
def test_what_was_found_before_another_document_changed_is_not_shown(
    scripted_model: ScriptedModel, opened: str
) -> None:
    free = threading.Event()
    with connected(scripted_model) as client:
        start(client, crossFileEdits=True)
        till, editor = Editor(client, TILL, OTHER), Editor(client, FETCH) if opened == "before" else None
        client.server.lanes.submit(Lane.KEYSTROKE, "other", lambda _: free.wait(10))
        params = {"textDocument": {"uri": OTHER, "version": 0}, "position": {"line": 0, "character": 0}}
        asked = client.start("textDocument/copilotInlineEdit", params)
        client.wait_for(lambda: client.server.lanes.load().waiting.get(Lane.NEXT_EDIT, 0) > 0)
        editor = editor or Editor(client, FETCH)
        editor.replace("fetch_all", "fetch_rows")
        client.synchronise()
        free.set()
        assert client.result(asked) == {"edits": []}
        assert reason(client) == "stale"
        till.make(editor.ask())
        assert "import fetch_rows\n" in till.text


def test_ghost_text_and_next_edit_never_stand_at_one_place(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    line = edit["range"]["start"]["line"]
    assert client.result(client.inline(URI, line, 11)) == {"items": []}
    assert reason(client) == "next-edit"


def test_where_ghost_text_is_shown_no_next_edit_is(client: Connection) -> None:
    editor = rename(client, "def price(qty):\n    return \n    print(qty)\n")
    at = editor.place(editor.text.index("return ") + 7)
    ghost = client.result(client.inline(URI, at["line"], at["character"]))["items"]
    assert ghost
    edit = editor.ask(line=1)
    assert edit is None or edit["range"]["start"]["line"] != 1


def test_ghost_text_that_is_taken_is_part_of_what_was_typed(client: Connection) -> None:
    editor = Editor(client, "def double(n):\n    \n")
    for letter in "return ":
        editor.put(len(editor.text) - 1, len(editor.text) - 1, letter)
    at = editor.place(len(editor.text) - 1)
    item = client.result(client.inline(URI, at["line"], at["character"]))["items"][0]
    editor.put(len(editor.text) - 1, len(editor.text) - 1, item["insertText"])
    client.synchronise()
    changes, _ = client.server.next_edits.journal.changes()
    assert [(each.old, each.new) for each in changes] == [(("    ",), (f"    return {item['insertText']}",))]
    assert client.server.next_edits.rested_ms > LONG_REST_MS


def test_an_insertion_at_the_cursor_is_ghost_text(client: Connection) -> None:
    editor = rename(client, "def price(qty):\n    x = \n")
    client.synchronise()
    snapshot = client.server.documents.get(URI)
    assert snapshot is not None
    at = editor.text.index("x = ") + 4
    edits = client.server.next_edits
    edits.offers.offer(Offer(snapshot.document, snapshot.serial, Edit(at, at, "count"), "insert", 0.9, "f"))
    place = editor.place(at)
    item = client.result(client.inline(URI, place["line"], place["character"]))["items"][0]
    assert item["insertText"] == "count"
    assert client.why()["source"] == "next-edit"
    # Typed along, and accepted in the end as ghost text is: the rest of it is inserted.
    editor.put(at, at, "co")
    place = editor.place(at + 2)
    item = client.result(client.inline(URI, place["line"], place["character"]))["items"][0]
    assert item["insertText"] == "unt"
    editor.put(at + 2, at + 2, "unt")
    assert list(events(client).values()) == ["accepted"]


def test_the_first_search_finds_its_parts_loaded(client: Connection) -> None:
    """They take longer than a search: where the user opens a file and rests, they are there before it."""
    Editor(client)
    client.wait_for(lambda: client.server.next_edits._seeker is not None)


def test_what_is_found_late_is_announced_and_is_the_next_answer(scripted_model: ScriptedModel) -> None:
    free = threading.Event()
    with connected(scripted_model) as client:
        capabilities = {**EDITOR, "experimental": {"suggestionReady": True}}
        client.initialize(capabilities=capabilities, options={"budgetMs": 80, "precision": 0})
        client.wait_for(lambda: client.server.host.ready is not None)
        editor = Editor(client)
        client.wait_for(lambda: client.server.next_edits._seeker is not None)
        client.server.lanes.submit(Lane.KEYSTROKE, "other", lambda _: free.wait(10))
        editor.replace("qty", "count")
        assert editor.ask() is None
        assert reason(client) == "deadline"
        free.set()
        client.wait_for(lambda: ("tacit/suggestionReady", {"uri": URI}) in client.notifications)
        edit = editor.ask()
        assert edit["range"]["start"]["line"] == 1
        assert client.why()["stages_ms"]["search"] < 80
