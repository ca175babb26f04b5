"""When no next edit is shown."""

from __future__ import annotations

import time

import pytest

from lsp_server.next_edits import seeking
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.lsp_server.next_edits.support import (
    CALLS,
    EDITOR,
    SHOP,
    URI,
    Editor,
    command,
    commands,
    events,
    reason,
    rename,
    start,
)
from tests.support.scripted import ScriptedModel


def test_quiet_after_undo(client: Connection) -> None:
    editor = rename(client)
    editor.replace("count", "qty")
    assert editor.ask() is None
    assert reason(client) == "undone"


def test_what_is_all_but_sure_to_be_wrong_is_not_even_shown_to_who_asks(
    client: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "LEAST", 0.999)
    editor = rename(client)
    assert editor.ask(context={"triggerKind": 1}) is None
    assert reason(client) == "unlikely"
    monkeypatch.setattr(seeking, "LEAST", 0.001)
    assert editor.ask(context={"triggerKind": 1}) is not None


def test_taking_back_one_letter_is_typing(client: Connection) -> None:
    editor = rename(client)
    at = editor.text.index("count") + 5
    editor.put(at, at, "s")
    editor.put(at, at + 1, "")
    assert editor.ask() is not None


def test_quiet_while_several_places_change(client: Connection) -> None:
    editor = Editor(client)
    changes = []
    for at in (editor.text.rindex("qty"), editor.text.index("qty")):
        start, end = editor.place(at), editor.place(at + 3)
        changes.append({"range": {"start": start, "end": end}, "text": "count"})
    client.change(URI, 1, *changes)
    editor.version = 1
    assert editor.ask() is None
    assert reason(client) == "several-places"


def test_quiet_for_a_time_after_a_rejection_and_then_about_the_same_edit(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"cooldownMs": 60_000}}})
    client.request("workspace/executeCommand", {**command(edit), "command": "tacit.rejectNextEdit"})
    assert editor.ask() is None
    assert reason(client) == "cooldown"
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"cooldownMs": 0}}})
    events(client)
    other = editor.ask()
    assert other is None or other["range"] != edit["range"]
    if other is None:
        assert reason(client) == "rejected"


@pytest.mark.parametrize("goes_on", [True, False])
def test_who_goes_on_after_a_rejection_is_asked_for_once_it_is_over(
    scripted_model: ScriptedModel, goes_on: bool
) -> None:
    with connected(scripted_model) as client:
        start(client, capabilities={**EDITOR, "experimental": {"suggestionReady": True}})
        editor = rename(client)
        edit = editor.ask()
        client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"cooldownMs": 1500}}})
        commands(client, "tacit.rejectNextEdit", *edit["command"]["arguments"])
        if goes_on:
            editor.replace("count", "amount")
        assert editor.ask() is None
        assert reason(client) == "cooldown"
        ready = ("tacit/suggestionReady", {"uri": URI})
        assert ready not in client.notifications
        if goes_on:
            client.wait_for(lambda: ready in client.notifications)
            assert editor.ask() is not None
        else:
            time.sleep(1.7)
            client.synchronise()
            assert ready not in client.notifications


def test_a_rejection_is_remembered_over_restarts(scripted_model: ScriptedModel) -> None:
    for outcome in ("", "rejected"):
        with connected(scripted_model) as client:
            start(client)
            client.server.next_edits.feedback.flush()
            editor = rename(client)
            edit = editor.ask()
            assert (reason(client) == outcome) or (edit and edit["range"]["start"]["line"] != 1)
            if edit and not outcome:
                commands(client, "tacit.rejectNextEdit", *edit["command"]["arguments"])
                events(client)


def test_snoozing_and_waking_up(client: Connection) -> None:
    editor = rename(client)
    client.request("workspace/executeCommand", {"command": "tacit.snooze", "arguments": [5]})
    assert editor.ask() is None
    assert reason(client) == "snoozed"
    assert client.result(client.inline(URI, 1, 4)) == {"items": []}
    client.request("workspace/executeCommand", {"command": "tacit.snooze", "arguments": [0]})
    assert editor.ask() is not None
    with pytest.raises(RequestFailed):
        client.request("workspace/executeCommand", {"command": "tacit.snooze", "arguments": ["long"]})


def test_switched_off(client: Connection) -> None:
    editor = rename(client)
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"nextEdits": False}}})
    assert editor.ask() is None
    assert reason(client) == "next-edits-off"


def test_files_with_secrets_are_neither_followed_nor_asked_about(client: Connection) -> None:
    secret = Editor(client, SHOP, "file:///project/.env.py")
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"filesOff": ["*.env.py"]}}})
    secret.replace("qty", "count")
    assert secret.ask() is None
    assert reason(client) == "private"
    assert client.server.next_edits.journal.changes() == ((), False)


@pytest.mark.parametrize("scopes", [[], ["comment"]])
def test_nothing_in_scopes_that_are_off(client: Connection, scopes: list[str]) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"scopesOff": scopes}}})
    editor = Editor(client, CALLS.replace("call_", "# call_"))
    editor.replace("old_name", "new_name")
    assert (editor.ask() is None) == bool(scopes)
    assert reason(client) == ("scope-off" if scopes else "")


def test_precision_one_is_silence(client: Connection) -> None:
    editor = rename(client)
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"precision": 1}}})
    assert editor.ask() is None
    assert reason(client) == "unlikely"
