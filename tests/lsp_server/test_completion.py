"""The suggestion as an entry of the popup, for editors without ghost text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lsp_server.connection import GHOST_TEXT, Connection, connected
from tests.support.scripted import ScriptedModel

URI = "file:///a.py"
PLAIN: Any = {"textDocument": {"completion": {}}}


def entries(client: Connection, text: str, line: int, character: int) -> Any:
    client.wait_for_model()
    client.open(URI, text)
    place = {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}}
    return client.request("textDocument/completion", place)


def test_an_entry_takes_in_the_word_before_the_cursor() -> None:
    with connected(ScriptedModel({"result = tot": "al_of(items)\n"})) as client:
        assert client.initialize(capabilities=PLAIN)["capabilities"]["completionProvider"] == {}
        answer = entries(client, "x = 1\nresult = tot", 1, 12)
    assert answer["isIncomplete"] is True
    (entry,) = answer["items"]
    assert entry["label"] == "total_of(items)"
    assert entry["filterText"] == "total_of(items)"
    assert entry["sortText"] > "zzz"
    assert entry["preselect"] is False
    assert entry["textEdit"]["newText"] == "total_of(items)"
    assert entry["textEdit"]["range"]["start"] == {"line": 1, "character": 9}
    assert "documentation" not in entry


def test_more_than_a_line_is_shown_in_the_documentation() -> None:
    with connected(ScriptedModel({"items = []\n": "for item in items:\n    print(item)\n"})) as client:
        client.initialize(capabilities=PLAIN)
        (entry,) = entries(client, "items = []\n", 1, 0)["items"]
    assert entry["label"] == "for item in items: …"
    assert entry["documentation"] == entry["textEdit"]["newText"] == "for item in items:\n    print(item)"


def test_silence_is_an_empty_list_that_is_asked_for_anew() -> None:
    with connected(ScriptedModel({})) as client:
        client.initialize(capabilities=PLAIN)
        assert entries(client, "return ", 0, 7) == {"isIncomplete": True, "items": []}


@pytest.mark.parametrize(
    ("setting", "capabilities", "offered"),
    [
        ("auto", PLAIN, True),
        ("auto", GHOST_TEXT, False),
        ("always", GHOST_TEXT, True),
        ("never", PLAIN, False),
    ],
)
def test_only_where_there_is_no_better_way(
    setting: str, capabilities: Any, offered: bool, scripted_model: ScriptedModel
) -> None:
    with connected(scripted_model) as client:
        result = client.initialize(capabilities=capabilities, options={"completionItems": setting})
        assert ("completionProvider" in result["capabilities"]) is offered
        assert bool(entries(client, "return ", 0, 7)["items"]) is offered


def test_indentation_is_left_alone_where_the_editor_would_adjust_it(scripted_model: ScriptedModel) -> None:
    modes: Any = {
        "textDocument": {"completion": {"completionItem": {"insertTextModeSupport": {"valueSet": [1, 2]}}}}
    }
    with connected(scripted_model) as client:
        client.initialize(capabilities=modes)
        assert entries(client, "return ", 0, 7)["items"][0]["insertTextMode"] == 1


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_an_unsure_suggestion_is_kept_back_whatever_the_editor_calls_the_trigger(kind: int) -> None:
    with connected(ScriptedModel({"return ": "a + b\n"}, logprob=-5)) as client:
        client.initialize(capabilities=PLAIN)
        client.wait_for_model()
        client.open(URI, "return ")
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 7}}
        answer = client.request("textDocument/completion", {**place, "context": {"triggerKind": kind}})
        assert answer["items"] == []
        assert client.why()["reason"] == "unsure"
