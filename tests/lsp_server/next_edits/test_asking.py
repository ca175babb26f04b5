"""Asking for the next edit: what is offered, for which text, and what comes after it."""

from __future__ import annotations

import random
import time
from typing import Any

import msgspec
import pytest

from completion.next_edit import asking
from completion.next_edit.gate import weights
from completion.prompt_next_edit_v1 import VERSION
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.lsp_server.next_edits.support import (
    CALLS,
    OTHER,
    URI,
    Editor,
    events,
    reason,
    rename,
    start,
)
from tests.support.scripted import ScriptedModel


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


def test_what_is_being_typed_waits_for_a_rest(client: Connection) -> None:
    """What follows from half a name is not looked for while the next key comes."""
    editor = rename(client)
    at = editor.text.index("count") + len("count")
    editor.put(at, at, "e")
    params = {
        "textDocument": {"uri": URI, "version": editor.version},
        "position": editor.place(at + 1),
        "context": {"triggerKind": 2},
    }
    half = client.start("textDocument/copilotInlineEdit", params)
    editor.put(at + 1, at + 1, "r")
    assert client.result(half) == {"edits": []}
    assert reason(client) == "stale"
    answer = editor.ask()
    assert answer["text"] == "counter"
    assert client.why()["stages_ms"]["rest"] > 50


def test_half_a_name_is_not_proposed_elsewhere() -> None:
    with connected(ScriptedModel({})) as client:
        start(client, precision=0.6)
        editor = rename(client)
        at = editor.text.index("count")
        editor.put(at, at + len("count"), "pri")  # of `price`, maybe
        assert editor.ask(position=editor.place(at + 3)) is None
        assert reason(client) == "unlikely"
        editor.put(at + 3, at + 3, "cing")
        assert editor.ask(position=editor.place(at + 7))["text"] == "pricing"


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


def test_the_word_of_a_model_that_was_trained_for_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {part: {"bias": 3.0 if part == asking.OTHER else -3.0} for part in asking.PARTS}
    fitted = msgspec.structs.replace(weights(), words=words)
    monkeypatch.setattr("completion.next_edit.ensemble.weights", lambda: fitted)
    for trained_for, written in (((VERSION,), "return count * 4"), ((), "return count * 3")):
        script = {"-    return qty * 3\n": "+    return count * 4\n \n"}
        with connected(ScriptedModel(script, trained_for=trained_for)) as client:
            start(client)
            editor = rename(client)
            editor.make(editor.ask())
            assert written in editor.text


def test_where_the_model_has_a_word_its_own_threshold_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {part: {"bias": 3.0} for part in asking.PARTS}
    script = {"-    return qty * 3\n": "+    return count * 3\n \n"}
    for least, offered in ((0.99, False), (0.5, True)):
        fitted = msgspec.structs.replace(weights(), words=words, heard_precisions={"0.6": least})
        monkeypatch.setattr("completion.next_edit.ensemble.weights", lambda fitted=fitted: fitted)
        with connected(ScriptedModel(script, trained_for=(VERSION,))) as client:
            start(client, precision=0.6)
            assert bool(rename(client).ask()) is offered
            assert reason(client) == ("" if offered else "unlikely")
