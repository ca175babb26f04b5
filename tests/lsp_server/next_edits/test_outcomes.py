"""What became of a next edit: told by the client or seen in the text, and learnt from."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lsp_server import feedback
from tests.lsp_server.connection import Connection, connected
from tests.lsp_server.next_edits.support import (
    CALLS,
    URI,
    Editor,
    command,
    events,
    reason,
    rename,
    seen,
    start,
)
from tests.support.scripted import ScriptedModel


@pytest.mark.parametrize("way", ["request", "notification", "before the change", "only the change"])
def test_an_accept_is_noticed_in_every_clients_way(client: Connection, way: str) -> None:
    """sidekick.nvim requests, copilot.el notifies, copilot-lsp says nothing."""
    editor = rename(client)
    edit = editor.ask()
    if way == "before the change":
        client.notify("workspace/executeCommand", command(edit))
    editor.make(edit)
    if way == "request":
        client.request("workspace/executeCommand", command(edit))
    elif way == "notification":
        client.notify("workspace/executeCommand", command(edit))
    assert list(events(client).values()) == ["accepted"]
    changes, _ = client.server.next_edits.journal.changes()
    assert [change.by_model for change in changes] == [False, True]
    assert not client.messages()


def test_shown_is_told_and_going_another_way_is_a_rejection(client: Connection) -> None:
    """copilot-lsp tells that it shows an edit."""
    editor = rename(client)
    edit = editor.ask()
    client.notify("textDocument/didShowInlineEdit", {"item": {"command": edit["command"]}})
    editor.replace("return qty", "return 7")
    assert list(events(client).values()) == ["rejected"]


def test_what_nobody_can_have_seen_is_not_on_record(client: Connection) -> None:
    editor = rename(client)
    editor.ask()
    editor.replace("return qty", "return 7")
    assert events(client) == {}


def test_going_on_elsewhere_is_ignoring(client: Connection) -> None:
    editor = rename(client)
    editor.ask()
    seen()
    editor.put(len(editor.text), len(editor.text), "\n\nlast = 1\n")
    editor.replace("price", "amount")
    editor.ask()
    assert list(events(client).values()) in (["ignored"], [])


def test_partial_acceptance_is_no_rejection(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    client.notify("textDocument/didPartiallyAcceptCompletion", {"item": edit, "acceptedLength": 2})
    editor.replace("return qty", "return 7")
    assert list(events(client).values()) == ["partly"]


@pytest.mark.parametrize(
    ("old", "new", "outcomes"), [("return qty", "return count", ["accepted"]), ("return", "yield", [])]
)
def test_a_text_that_is_sent_as_a_whole_may_accept_and_rejects_nothing(
    client: Connection, old: str, new: str, outcomes: list[str]
) -> None:
    editor = rename(client)
    editor.ask()
    seen()
    client.change(URI, 2, {"text": editor.text.replace(old, new, 1)})
    assert list(events(client).values()) == outcomes


def test_taking_an_accepted_edit_back_is_noticed(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    before = editor.text
    editor.accept(edit)
    editor.put(0, len(editor.text), before)
    assert list(events(client).values()) == ["undone"]
    assert editor.ask() is None
    assert reason(client) == "undone"


def test_whether_it_was_kept_is_noted_after_a_while(
    scripted_model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.next_edits.session.KEPT_S", 0.2)
    with connected(scripted_model) as client:
        start(client)
        editor = Editor(client, CALLS)
        editor.replace("old_name", "new_name")
        kept = editor.ask()
        editor.accept(kept)
        wait_until_noted(client, 1)
        lost = editor.ask()
        editor.accept(lost)
        editor.put(0, len(editor.text), "all of it is gone\n")
        wait_until_noted(client, 2)
        noted = {event.id: event.kept for event in feedback.events()}
        assert noted == {kept["command"]["arguments"][0]: True, lost["command"]["arguments"][0]: False}


def wait_until_noted(client: Connection, count: int) -> None:
    def noted() -> bool:
        client.server.next_edits.feedback.flush()
        return sum(event.kept is not None for event in feedback.events()) == count

    client.wait_for(noted)


def test_what_was_learnt_decides_what_is_shown(client: Connection) -> None:
    editor = Editor(client, CALLS)
    editor.replace("old_name", "new_name")
    assert editor.ask()
    live = client.server.next_edits.offers.live
    assert live is not None
    wanted = {"settings": {"tacit": {"precision": 0.6}}}
    client.notify("workspace/didChangeConfiguration", wanted)
    record = client.server.next_edits.feedback
    for number in range(60):
        event = feedback.Event(str(number), time.time(), "", "python", live.kind, 0.7, 1, 1.0, "rejected")
        record.record(event, f"another {number}")
    record.flush()
    editor.put(len(editor.text), len(editor.text), "\n")
    assert editor.ask() is None
    assert reason(client) == "unlikely"
    client.request("workspace/executeCommand", {"command": "tacit.resetLearning"})
    record.flush()
    assert record.correction(live.kind, 0.7) == 0.7


def test_the_record_is_the_users_alone(client: Connection) -> None:
    editor = rename(client)
    editor.accept(editor.ask())
    events(client)
    assert b"count" not in Path(feedback.path()).read_bytes()
