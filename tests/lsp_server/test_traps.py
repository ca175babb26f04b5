"""Traps that real clients and pygls 2.1 have set for servers: one test each, named after the trap."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

import msgspec
import pytest

from bench.client import Client, server_command, server_environment
from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel

URI = "file:///a.py"
SCRIPT = {"return ": "a + b\n", "print(": "total)\n"}


def insertion(line: int, character: int, text: str) -> Any:
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def ghost_text(client: Connection, line: int, character: int, uri: str = URI) -> Any:
    items = client.result(client.inline(uri, line, character))["items"]
    return items[0] if items else None


@pytest.mark.parametrize("character", ["\f", "\u2028", "\u2029", "\u0085", "\v", "\x1c", "\x1d", "\x1e"])
def test_lines_end_in_lf_crlf_and_cr_only(character: str) -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.open(URI, f"a = '{character}'\nb\rc\r\nreturn ")
        client.change(URI, 1, insertion(3, 7, " "), insertion(0, 6, character))
        client.synchronise()
        snapshot = client.server.documents.get(URI)
        assert snapshot is not None
        assert snapshot.document.text == f"a = '{character}{character}'\nb\rc\r\nreturn  "
        client.change(
            URI,
            2,
            {"range": {"start": {"line": 3, "character": 7}, "end": {"line": 3, "character": 8}}, "text": ""},
        )
        assert ghost_text(client, 3, 7)["range"]["start"] == {"line": 3, "character": 7}


def test_pygls_never_sees_the_text() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.open(URI, "return ")
        client.change(URI, 1, insertion(0, 0, "x"))
        client.synchronise()
        with pytest.raises(RuntimeError, match="workspace is not available"):
            client.server.workspace.text_documents  # noqa: B018


@pytest.mark.parametrize(
    ("offered", "taken", "units"),
    [
        (None, "utf-16", 9),
        ([], "utf-16", 9),
        (["utf-8", "utf-16", "utf-32"], "utf-16", 9),
        (["utf-32", "utf-16"], "utf-16", 9),
        (["utf-8"], "utf-8", 11),
        (["utf-32"], "utf-32", 8),
        (["utf-7", "utf-32", "utf-8"], "utf-32", 8),
        (["utf-7"], "utf-16", 9),
    ],
)
def test_utf_16_unless_the_client_offers_nothing_else(offered: Any, taken: str, units: int) -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        result = client.initialize(capabilities={"general": {"positionEncodings": offered}})
        assert result["capabilities"]["positionEncoding"] == taken
        client.wait_for(lambda: client.server.host.ready is not None)
        client.open(URI, "😀x")
        client.change(URI, 1, insertion(0, units - 7, "return "))
        client.change(
            URI,
            2,
            {
                "range": {
                    "start": {"line": 0, "character": units},
                    "end": {"line": 0, "character": units + 1},
                },
                "text": "",
            },
        )
        assert ghost_text(client, 0, units)["range"]["start"] == {"line": 0, "character": units}


def test_execute_command_may_be_a_notification() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.notify("workspace/executeCommand", {"command": "tacit.why", "arguments": []})
        client.synchronise()
        assert client.messages() == ["Tacit was not asked for a suggestion yet."]


def test_a_custom_method_may_come_without_params() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.send(id="bare", method="tacit/status")
        assert client.result("bare")["documents"] == 0
        client.send(id="null", method="tacit/status", params=None)
        assert client.result("null")["documents"] == 0


class Custom(msgspec.Struct, frozen=True, rename={"kind": "class"}):
    kind: int
    _id: str = ""


def test_custom_params_keep_their_names_and_types() -> None:
    seen: list[Any] = []
    with connected(ScriptedModel(SCRIPT)) as client:
        client.server.protocol.on("tacit/custom", seen.append, Custom)
        client.server.protocol.on_raw("tacit/raw", seen.append)
        client.ready()
        client.request("tacit/custom", {"class": 5, "_id": "x", "more": 1})
        client.request("tacit/raw", {"class": {"_id": [1]}, "2": None})
    assert seen == [Custom(5, "x"), {"class": {"_id": [1]}, "2": None}]


def test_slow_requests_do_not_keep_others_or_cancellation_from_getting_through(gate: Any) -> None:
    with connected(ScriptedModel(SCRIPT, before_token=gate.before_token)) as client:
        client.ready(budgetMs=10_000)
        slow = []
        for number in range(12):
            client.open(f"file:///{number}.py", "return ")
            slow.append(client.inline(f"file:///{number}.py", 0, 7))
        gate.wait_until_asked()
        began = time.monotonic()
        for id in slow:
            client.notify("$/cancelRequest", {"id": id})
        for id in slow:
            assert client.reply(id)["error"]["code"] == -32800
        assert time.monotonic() - began < 1


def test_the_loop_thread_runs_no_model() -> None:
    threads: list[threading.Thread] = []
    model = ScriptedModel(SCRIPT, before_token=lambda _: threads.append(threading.current_thread()))
    with connected(model) as client:
        client.ready()
        client.open(URI, "return ")
        assert ghost_text(client, 0, 7) is not None
    assert {thread.name for thread in threads} == {"tacit-lanes"}


def test_cancelled_work_stops_within_a_token() -> None:
    written: list[int] = []
    started = threading.Event()

    def slowly(token: int) -> None:
        written.append(token)
        started.set()
        time.sleep(0.02)

    with connected(ScriptedModel({"return ": "a" * 1000}, before_token=slowly)) as client:
        client.ready(budgetMs=10_000)
        client.open(URI, "return ")
        asked = client.inline(URI, 0, 7)
        assert started.wait(10)
        client.notify("$/cancelRequest", {"id": asked})
        client.reply(asked)
        count = len(written)
        time.sleep(0.2)
        assert len(written) <= count + 1


def test_editors_that_do_not_cancel_while_typing(gate: Any) -> None:
    with connected(ScriptedModel(SCRIPT, before_token=gate.before_token)) as client:
        client.ready(budgetMs=10_000)
        client.open(URI, "return ")
        asked = [client.inline(URI, 0, 7) for _ in range(10)]
        for id in asked[:-1]:
            assert client.result(id) == {"items": []}
        gate.open()
        assert client.result(asked[-1])["items"]


def test_several_editors_have_a_server_each() -> None:
    environment = server_environment(TACIT_MODEL="/no/such/model")
    with Client(server_command(), env=environment) as one, Client(server_command(), env=environment) as two:
        one.initialize()
        two.initialize()
        one.open(URI, "python", "x")
        assert one.request("tacit/status")["documents"] == 1
        assert two.request("tacit/status")["documents"] == 0
        assert one.shutdown() == 0
        assert two.request("tacit/status")["documents"] == 0


def test_versions_start_at_zero_and_may_stay_there() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.open(URI, "return", version=0)
        client.change(URI, 0, insertion(0, 6, " "))
        assert ghost_text(client, 0, 7)["insertText"] == "a + b"
        assert client.why()["version"] == 0


def test_uris_are_names_and_not_paths() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        client.ready()
        client.open("file:///a%20b.py", "return ")
        assert ghost_text(client, 0, 7, "file:///a b.py") is None
        assert client.why()["reason"] == "unknown-document"
        assert ghost_text(client, 0, 7, "file:///a%20b.py") is not None
        for uri in ("untitled:Untitled-1", "vscode-notebook-cell:/x#1", "git:/a.py?ref=HEAD"):
            client.open(uri, "return ")
            assert ghost_text(client, 0, 7, uri) is not None


def test_the_protocol_costs_next_to_nothing() -> None:
    with Client(
        server_command("serve", "--log", "error"), env=server_environment(TACIT_MODEL="/no/such/model")
    ) as client:
        client.initialize()
        client.next_notification("window/showMessage")
        times = []
        for _ in range(200):
            pending = client.send("tacit/why")
            pending.result()
            times.append(pending.latency_ms)
    # 0.3 ms on a quiet machine; tests run on busy ones.
    assert statistics.median(times) < 3


def test_clients_that_do_not_say_that_they_can_show_ghost_text() -> None:
    with connected(ScriptedModel(SCRIPT)) as client:
        capabilities = client.initialize(capabilities={})["capabilities"]
        assert capabilities["inlineCompletionProvider"] == {}
        client.wait_for(lambda: client.server.host.ready is not None)
        client.open(URI, "return ")
        assert ghost_text(client, 0, 7) is not None
