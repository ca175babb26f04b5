"""Next edits over the protocol, as each client speaks it: shown, accepted, rejected, or rightly withheld."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server import feedback
from lsp_server.next_edits.offers import Offer
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.support.scripted import ScriptedModel
from text.edits import Edit

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
COPILOT_LSP = {"editorPluginInfo": {"name": "Github Copilot LSP for Neovim", "version": "0.0.1"}}


@pytest.fixture
def client(scripted_model: ScriptedModel) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        start(connection)
        yield connection


def start(connection: Connection, **options: Any) -> None:
    settings = {"budgetMs": 10_000, "precision": 0, "cooldownMs": 0, **options}
    connection.initialize(capabilities=EDITOR, options=settings, rootUri="file:///project")
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


def test_the_edit_follows_from_the_last_one(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    assert edit["textDocument"] == {"uri": URI, "version": 1}
    assert edit["command"]["command"] == "tacit.acceptNextEdit"
    assert edit["range"]["start"]["line"] == 1
    editor.make(edit)
    assert "return count * 3" in editor.text
    assert reason(client) == ""


def test_a_chain_of_accepts(client: Connection) -> None:
    editor = Editor(client, CALLS)
    editor.replace("old_name", "new_name")
    for _ in range(5):
        edit = editor.ask()
        assert edit, reason(client)
        editor.accept(edit)
    assert "old_name" not in editor.text
    assert list(events(client).values()) == ["accepted"] * 5


def test_what_comes_after_an_accept_is_found_before_it(client: Connection) -> None:
    editor = Editor(client, CALLS)
    editor.replace("old_name", "new_name")
    editor.accept(editor.ask())
    client.wait_for(lambda: client.server.next_edits.offers.live is None)
    first = editor.ask()
    queued = client.server.next_edits._queued
    assert queued is not None
    queued.job.result(10)
    editor.accept(first)
    began = time.perf_counter()
    assert editor.ask()
    assert time.perf_counter() - began < 0.5  # 20 ms on a quiet machine; no search is waited for
    assert client.why()["stages_ms"]["search"] < 50


def test_a_version_of_the_past_is_not_answered(client: Connection) -> None:
    editor = rename(client)
    assert editor.ask(textDocument={"uri": URI, "version": 0}) is None
    assert reason(client) == "stale"
    assert editor.ask(textDocument={"uri": URI}) is not None


def test_nothing_is_an_empty_list_with_a_reason(client: Connection) -> None:
    editor = Editor(client)
    assert editor.ask() is None
    assert reason(client) == "nothing-changed"
    params = {"textDocument": {"uri": OTHER}, "position": {"line": 0, "character": 0}}
    assert client.request("textDocument/copilotInlineEdit", params) == {"edits": []}
    assert reason(client) == "unknown-document"


def test_the_same_question_gets_the_same_edit(client: Connection) -> None:
    editor = rename(client)
    assert editor.ask() == editor.ask(line=3)
    assert events(client) == {}


def test_typing_along_leaves_the_rest(client: Connection) -> None:
    editor = rename(client)
    edit = editor.ask()
    assert edit["text"] == "count"
    at = editor.offset(edit["range"]["start"])
    editor.put(at, at, "co")
    rest = editor.ask()
    assert (rest["text"], editor.offset(rest["range"]["start"])) == ("unt", at + 2)
    editor.accept(rest)
    assert "return count * 3" in editor.text
    assert "accepted" in events(client).values()


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


def test_quiet_after_undo(client: Connection) -> None:
    editor = rename(client)
    editor.replace("count", "qty")
    assert editor.ask() is None
    assert reason(client) == "undone"


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


def test_an_edit_of_the_history_that_fails_is_survived(
    client: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Editor(client, CALLS)
    history = client.server.next_edits.journal._history
    with monkeypatch.context() as patch:
        patch.setattr(history, "record", lambda *_, **__: 1 / 0)
        editor.put(0, 0, "x")
        assert editor.ask() is None
    assert reason(client) == "nothing-changed"
    editor.replace("old_name", "new_name")
    assert editor.ask() is not None


@pytest.mark.parametrize("seed", range(4))
def test_random_sessions(client: Connection, seed: int) -> None:
    """Whatever is typed, undone, asked and accepted: every edit fits the version that it names."""
    dice = random.Random(seed)
    editor = Editor(client, CALLS)
    before = [editor.text]
    for _ in range(60):
        before.append(editor.text)
        action = dice.random()
        if action < 0.4:
            at = dice.randrange(len(editor.text) + 1)
            editor.put(
                at, min(at + dice.randrange(4), len(editor.text)), dice.choice(["", "x", "y = 1\n", "(a, b)"])
            )
        elif action < 0.5 and "old_name" in editor.text:
            editor.replace("old_name", "new_name")
        elif action < 0.6:
            editor.put(0, len(editor.text), dice.choice(before[-5:]))
        else:
            edit = editor.ask(line=dice.randrange(40))
            if edit is None:
                assert reason(client)
                continue
            assert edit["textDocument"] == {"uri": URI, "version": editor.version}
            old = editor.text
            first, last = (editor.offset(edit["range"][end]) for end in ("start", "end"))
            assert 0 <= first <= last <= len(old)
            if dice.random() < 0.7:
                editor.make(edit)
                assert editor.text == old[:first] + edit["text"] + old[last:] != old
    client.synchronise()
    snapshot = client.server.documents.get(URI)
    assert snapshot is not None
    assert snapshot.document.text == editor.text
    assert not client.messages()


# Editors that show no next edits


def commands(client: Connection, name: str, *arguments: Any) -> Any:
    return client.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})


def test_the_command_jumps_and_then_applies(client: Connection) -> None:
    jumps: list[Any] = []
    edits: list[Any] = []

    def jump(params: Any) -> Any:
        jumps.append(params)
        return {"success": True}

    def apply(params: Any) -> Any:
        edits.append(params)
        return {"applied": True}

    client.answers["window/showDocument"], client.answers["workspace/applyEdit"] = jump, apply
    editor = rename(client)
    assert commands(client, "tacit.nextEdit")["done"] == "jumped"
    assert jumps[0]["uri"] == URI
    assert jumps[0]["selection"]["start"]["line"] == 1
    assert commands(client, "tacit.nextEdit")["done"] == "applied"
    change = edits[0]["edit"]["documentChanges"][0]
    assert change["textDocument"] == {"uri": URI, "version": 1}
    made = change["edits"][0]
    editor.put(editor.offset(made["range"]["start"]), editor.offset(made["range"]["end"]), made["newText"])
    assert "return count * 3" in editor.text
    assert list(events(client).values()) == ["accepted"]


def test_jumping_alone_and_the_last_one_again(client: Connection) -> None:
    client.answers["window/showDocument"] = lambda _: {"success": True}
    editor = rename(client)
    assert commands(client, "tacit.showLast") == {"edits": []}
    assert commands(client, "tacit.jumpNext")["done"] == "jumped"
    edit = editor.ask()
    commands(client, "tacit.rejectNextEdit")
    again = commands(client, "tacit.showLast")["edits"][0]
    assert again["range"] == edit["range"]
    assert editor.ask()["range"] == edit["range"]


def test_a_place_without_a_text_is_jumped_to_and_never_sent_as_an_edit(client: Connection) -> None:
    jumps: list[Any] = []

    def jump(params: Any) -> Any:
        jumps.append(params["selection"]["start"]["line"])
        return {"success": True}

    client.answers["window/showDocument"] = jump
    text = "def load(path):\n    return read(path)\n\n\ncheck(sum(load_all('x'), key=limit))\n"
    editor = Editor(client, text)
    at = text.index("    return")
    editor.put(at, at, "    limit = 3\n")
    assert commands(client, "tacit.jumpNext") == {"done": "jumped", "edits": []}
    assert jumps == [5]
    # Who asks for an edit gets a text, however unlikely.
    assert editor.ask(context={"triggerKind": 1})["text"].strip()


def test_nothing_to_jump_to_is_told(client: Connection) -> None:
    Editor(client)
    assert commands(client, "tacit.nextEdit", {"uri": URI}) == {"done": "nothing", "edits": []}
    assert any("Nothing was changed" in message for message in client.messages())


def test_a_code_action_where_there_is_nothing_better(client: Connection) -> None:
    editor = rename(client)
    place = editor.place(0)
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], "triggerKind": 1},
    }
    action = client.request("textDocument/codeAction", params)[0]
    assert action["title"] == "Next edit: line 2"
    assert action["edit"]["documentChanges"][0]["edits"]
    assert action["command"]["command"] == "tacit.acceptNextEdit"
    client.notify("workspace/executeCommand", {"command": "tacit.acceptNextEdit", "arguments": ["unknown"]})
    client.synchronise()


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}},
        {"textDocument": {"uri": 7}, "position": {"line": 0, "character": 0}},
    ],
)
def test_params_that_do_not_fit(client: Connection, params: Any) -> None:
    with pytest.raises(RequestFailed):
        client.request("textDocument/copilotInlineEdit", params)
    for method in ("didShowInlineEdit", "didShowCompletion", "didPartiallyAcceptCompletion", "didFocus"):
        client.notify(f"textDocument/{method}", params)
    client.synchronise()
    assert not client.messages()


def test_the_record_is_the_users_alone(client: Connection) -> None:
    editor = rename(client)
    editor.accept(editor.ask())
    events(client)
    assert b"count" not in Path(feedback.path()).read_bytes()
