"""Ghost text over the protocol: who gets it, in which shape, and why it is withheld."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from completion.inline import InlineRequest, Silence, Suggestion
from engine.cancel import CancelToken
from engine.lanes import Lane, Load
from engine.sharing.join import Joined
from lsp_server import suggest
from tests.lsp_server.connection import GHOST_TEXT, Connection, RequestFailed, connected
from tests.support.scripted import ScriptedModel

URI = "file:///project/a.py"
PATIENT = GHOST_TEXT | {"experimental": {"suggestionReady": True}}


@pytest.fixture
def client(scripted_model: ScriptedModel) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        connection.ready(budgetMs=10_000)  # on a busy machine too, the answer comes in time
        yield connection


def shown(client: Connection, marked: str, **context: Any) -> Any:
    """Open a text whose cursor is marked by `$0` and return the one item, or None."""
    before, _, after = marked.partition("$0")
    client.open(URI, before + after)
    line, character = before.count("\n"), len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    items = client.result(client.inline(URI, line, character, **context))["items"]
    assert len(items) <= 1
    return items[0] if items else None


def check(client: Connection, marked: str, expected: str | None, reason: str = "", **context: Any) -> None:
    item = shown(client, marked, **context)
    assert (item and item["insertText"]) == expected
    assert client.why()["reason"] == reason


def insertion(line: int, character: int, text: str) -> Any:
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def test_a_suggestion_is_an_insertion_at_the_cursor(client: Connection) -> None:
    item = shown(client, "def add(a, b):\n    return $0\n")
    assert item == {
        "insertText": "a + b",
        "range": {"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 11}},
    }


def test_positions_count_utf_16_units(client: Connection) -> None:
    item = shown(client, "s = '😀😀'; return $0\n")
    assert item["range"]["start"] == {"line": 0, "character": 19}


def test_a_line_of_its_own_after_crlf(client: Connection) -> None:
    check(client, "x = 1\r\n$0", "y = 2")


def test_a_document_that_is_not_open(client: Connection) -> None:
    assert client.result(client.inline("file:///other.py", 0, 0)) == {"items": []}
    assert client.why()["reason"] == "unknown-document"


def test_a_lost_document_says_so_until_it_is_opened_anew(client: Connection) -> None:
    client.open(URI, "return ")
    client.change(
        URI,
        1,
        {"range": {"start": {"line": 9, "character": 0}, "end": {"line": 9, "character": 0}}, "text": "x"},
    )
    assert client.result(client.inline(URI, 0, 7)) == {"items": []}
    assert client.why()["reason"] == "desynchronised"
    check(client, "def f():\n    return $0", "a + b")


def test_a_position_outside_of_the_document_is_clamped(client: Connection) -> None:
    client.open(URI, "return ")
    for line, character in ((0, 99), (99, 99), (0, 2**31 - 1)):
        assert client.result(client.inline(URI, line, character))["items"][0]["insertText"] == "a + b"


def test_nothing_where_it_is_switched_off(client: Connection) -> None:
    settings = {"tacit": {"languagesOff": ["python"]}}
    client.notify("workspace/didChangeConfiguration", {"settings": settings})
    check(client, "return $0", None, "language-off")
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"enabled": False}}})
    check(client, "return $0", None, "disabled")
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"scopesOff": ["comment"]}}})
    check(client, "x = 1  # return $0", None, "scope-off")
    check(client, "return $0", "a + b")


def test_typing_along_needs_no_model(client: Connection, scripted_model: ScriptedModel) -> None:
    check(client, "def add(a, b):\n    return $0\n", "a + b")
    for typed, rest in enumerate(["a", " ", "+"], start=1):
        client.change(URI, typed, insertion(1, 10 + typed, rest))
    item = client.result(client.inline(URI, 1, 14))["items"][0]
    assert item["insertText"] == " b"
    assert client.why()["source"] == "typed-through"


def selected(start: int, end: int, text: str) -> Any:
    """A popup's entry that would replace part of the first line."""
    ends = {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}
    return {"selectedCompletionInfo": {"range": ends, "text": text}}


def test_what_was_taken_back_is_not_offered_again_by_itself(client: Connection) -> None:
    client.open(URI, "return ")
    [item] = client.result(client.inline(URI, 0, 7))["items"]
    client.change(URI, 1, insertion(0, 7, item["insertText"]))
    gone = {"start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 12}}
    client.change(URI, 2, {"range": gone, "text": ""})
    assert client.result(client.inline(URI, 0, 7)) == {"items": []}
    assert client.why()["reason"] == "undone"
    assert client.result(client.inline(URI, 0, 7, automatic=False))["items"]
    client.change(URI, 3, insertion(0, 7, "a"))
    assert client.result(client.inline(URI, 0, 8))["items"]


def test_a_suggestion_continues_the_entry_selected_in_the_popup(client: Connection) -> None:
    item = shown(client, "ret$0\n", **selected(0, 3, "return "))
    assert item["insertText"] == "return a + b"
    assert item["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    # Once the entry was chosen, the rest is there without the model.
    client.change(
        URI,
        1,
        {
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}},
            "text": "return ",
        },
    )
    assert client.result(client.inline(URI, 0, 7))["items"][0]["insertText"] == "a + b"
    assert client.why()["source"] == "typed-through"


@pytest.mark.parametrize(
    ("start", "end", "text"), [(0, 3, "print("), (0, 2, "return "), (3, 0, "x"), (9, 2, "x")]
)
def test_an_entry_that_ghost_text_cannot_continue(
    client: Connection, start: int, end: int, text: str
) -> None:
    check(client, "ret$0\n", None, "popup", **selected(start, end, text))


def test_nothing_follows_the_entry(client: Connection) -> None:
    check(client, "ret$0\n", None, "empty", **selected(0, 3, "retry"))


def test_the_next_request_ends_the_one_before(client: Connection, gate: Any) -> None:
    client.open(URI, "return ")
    first = client.inline(URI, 0, 7)
    gate.wait_until_asked()
    second = client.inline(URI, 0, 7)
    assert client.result(first) == {"items": []}
    assert client.why()["reason"] == "superseded"
    gate.open()
    assert client.result(second)["items"][0]["insertText"] == "a + b"


def test_a_change_ends_the_request_for_the_text_before_it(client: Connection, gate: Any) -> None:
    client.open(URI, "return ")
    asked = client.inline(URI, 0, 7)
    gate.wait_until_asked()
    client.change(URI, 1, insertion(0, 7, "z"))
    assert client.result(asked) == {"items": []}
    assert client.why()["reason"] == "stale"


def test_requests_of_other_documents_go_on(client: Connection, gate: Any) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"budgetMs": 5000}}})
    client.open(URI, "return ")
    client.open("file:///b.py", "print(")
    first, second = client.inline(URI, 0, 7), client.inline("file:///b.py", 0, 6)
    gate.wait_until_asked()
    gate.open()
    assert client.result(first)["items"]
    assert client.result(second)["items"]


def test_the_client_may_cancel(client: Connection, gate: Any) -> None:
    client.open(URI, "return ")
    asked = client.inline(URI, 0, 7)
    gate.wait_until_asked()
    client.notify("$/cancelRequest", {"id": asked})
    with pytest.raises(RequestFailed) as cancelled:
        client.result(asked)
    assert cancelled.value.code == -32800
    assert client.why()["reason"] == "cancelled"


def test_cancelling_what_was_answered_is_no_trouble(client: Connection) -> None:
    client.open(URI, "return ")
    asked = client.inline(URI, 0, 7)
    client.result(asked)
    client.notify("$/cancelRequest", {"id": asked})
    client.synchronise()


def test_the_answer_comes_within_the_budget_even_if_the_model_does_not(client: Connection, gate: Any) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"budgetMs": 80}}})
    client.open(URI, "return ")
    began = time.monotonic()
    assert client.result(client.inline(URI, 0, 7)) == {"items": []}
    assert 0.06 < time.monotonic() - began < 0.4
    assert client.why()["reason"] == "deadline"


def test_who_waits_longer_than_the_budget_is_told_when_the_suggestion_is_there(gate: Any) -> None:
    with connected(ScriptedModel({"return ": "a + b\n"}, before_token=gate.before_token)) as client:
        client.ready(PATIENT, budgetMs=80)
        client.open(URI, "return ")
        assert client.result(client.inline(URI, 0, 7)) == {"items": []}
        gate.open()
        client.wait_for(lambda: ("tacit/suggestionReady", {"uri": URI}) in client.notifications)
        [item] = client.result(client.inline(URI, 0, 7))["items"]
        assert (item["insertText"], client.why()["source"]) == ("a + b", "typed-through")


def test_who_has_gone_on_typing_is_not_told(gate: Any) -> None:
    with connected(ScriptedModel({"return ": "a + b\n"}, before_token=gate.before_token)) as client:
        client.ready(PATIENT, budgetMs=80)
        client.open(URI, "return ")
        assert client.result(client.inline(URI, 0, 7)) == {"items": []}
        client.change(URI, 1, insertion(0, 7, "b"))
        client.synchronise()
        gate.open()
        client.wait_for(lambda: client.server.lanes.load().running is None)
        client.synchronise()
        assert "tacit/suggestionReady" not in [method for method, _ in client.notifications]


def test_a_late_suggestion_gives_way_to_another_document(gate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other, order = "file:///project/b.py", list[str]()
    script = {"return ": "a + b\n", "print(": "total)\n"}
    with connected(ScriptedModel(script, before_token=gate.before_token)) as client:
        client.ready(PATIENT, budgetMs=80)
        ready = client.server.host.ready
        assert ready is not None
        complete = ready.completer.complete

        def noted(request: InlineRequest, *args: Any) -> Suggestion | Silence:
            order.append(request.document.uri)
            return complete(request, *args)

        monkeypatch.setattr(ready.completer, "complete", noted)
        client.open(URI, "return ")
        assert client.result(client.inline(URI, 0, 7)) == {"items": []}
        client.open(other, "print(")
        assert client.result(client.inline(other, 0, 6)) == {"items": []}
        gate.open()
        told = [("tacit/suggestionReady", {"uri": uri}) for uri in (URI, other)]
        client.wait_for(lambda: all(each in client.notifications for each in told))
        assert order == [URI, other, URI, other]


def test_what_is_recorded_stays_as_it_is_when_a_late_job_begins(
    client: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[dict[str, float]] = []
    monkeypatch.setattr(suggest, "record", lambda *args: stages.append(args[-1]))
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": {"budgetMs": 80}}})
    client.open(URI, "return ")
    client.synchronise()
    busy, free = threading.Event(), threading.Event()

    def other(_: CancelToken) -> None:
        busy.set()
        free.wait(10)

    client.server.lanes.submit(Lane.KEYSTROKE, "other", other)
    assert busy.wait(10)
    assert client.result(client.inline(URI, 0, 7)) == {"items": []}
    free.set()
    client.wait_for(lambda: client.server.lanes.load() == Load(None, {}))
    assert stages == [{}]


def test_a_pause_in_typing_may_be_waited_for() -> None:
    model = ScriptedModel({"return ": "a + b\n"})
    with connected(model) as client:
        client.ready(debounceMs=150)
        client.open(URI, "return ")
        client.wait_for(lambda: len(model.prompts) == 1)  # warmed
        first, second = client.inline(URI, 0, 7), client.inline(URI, 0, 7)
        assert client.result(first) == {"items": []}
        assert client.result(second)["items"]
        assert client.why()["total_ms"] >= 150
        assert len(model.prompts) == 2
        assert client.result(client.inline(URI, 0, 7, automatic=False))["items"]
        assert client.why()["total_ms"] < 150


def test_a_failing_model_is_silence_with_a_reason_and_no_popup() -> None:
    def broken(_: str) -> str:
        raise RuntimeError("secret source text")

    with connected(ScriptedModel(broken)) as client:
        client.ready()
        check(client, "return $0", None, "failed")
        assert "RuntimeError" in client.why()["detail"]
        assert "secret" not in client.why()["detail"]
        assert not client.messages()


def test_no_model_yet_is_silence_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, scripted_model: ScriptedModel
) -> None:
    loading = threading.Event()

    def join(*_: object) -> Joined:
        loading.wait(20)
        return Joined(scripted_model)

    monkeypatch.setattr("lsp_server.loading.is_prepared", lambda _: True)
    monkeypatch.setattr("lsp_server.loading.join", join)
    monkeypatch.setenv("TACIT_MODEL", "some-model")
    with connected() as client:
        client.initialize()
        client.wait_for(lambda: client.server.status.model.phase == "loading")
        check(client, "return $0", None, "no-model")
        assert client.why()["detail"] == "loading"
        loading.set()


def test_the_model_reads_a_document_that_was_opened(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.ready()
        client.open(URI, "total = 1\n")
        client.wait_for(lambda: any("total" in prompt for prompt in scripted_model.prompts))
        assert client.why() is None


def test_the_model_reads_a_document_that_was_open_before_it_was_ready(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.request("initialize", {"capabilities": {}})
        client.open(URI, "total = 1\n")
        client.notify("initialized", {})
        client.wait_for(lambda: any("total" in prompt for prompt in scripted_model.prompts))


def test_the_model_reads_on_once_typing_rests(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.ready()
        client.open(URI, "total = 1\n")
        client.change(URI, 1, insertion(1, 0, "number = 2\n"))
        client.wait_for(lambda: any("number" in prompt for prompt in scripted_model.prompts))


def test_the_path_that_the_model_sees_begins_at_the_workspace_folder() -> None:
    model = ScriptedModel({"return ": "a + b\n"}, fim=False)  # its prompt names the file
    with connected(model) as client:
        client.initialize(workspaceFolders=[{"uri": "file:///home/project", "name": "project"}])
        client.wait_for_model()
        client.open("file:///home/project/sub/a.py", "return ")
        client.result(client.inline("file:///home/project/sub/a.py", 0, 7))
    assert "# sub/a.py\n" in model.prompts[-1]
