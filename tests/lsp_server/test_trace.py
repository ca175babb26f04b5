from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from bench.editor import Editor
from bench.latency import WORKDAY, strokes
from bench.session import load, unpack
from lsp_server import app, trace
from lsp_server.reports import Request
from lsp_server.trace import Trace
from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel

URI = "file:///w/a.py"


def entry(number: int, **more: Any) -> Request:
    base: dict[str, Any] = {
        "document": "a.py", "outcome": "silent", "reason": "cold", "sentence": "Too cold.", "total_ms": 1.0
    }  # fmt: skip
    return Request(at=float(number), method="m", version=number, id=f"1-{number}", **base | more)


def test_what_is_written_is_read_and_is_the_users_alone() -> None:
    written = [entry(number) for number in range(100)]
    writer = Trace()
    for each in written:
        writer.add(each)
    writer.close()
    assert trace.read() == written
    assert trace.read(3) == written[-3:]
    assert trace.read(kinds=["symbols"]) == []
    newest = trace.folder() / "trace.jsonl"
    assert stat.S_IMODE(newest.stat().st_mode) == 0o600
    assert stat.S_IMODE(trace.folder().stat().st_mode) == 0o700
    assert trace.clear() > 0
    assert trace.read() == []


@pytest.mark.parametrize("torn", [b'{"at":1', b"\xff\xfe", b"[]", b"{}", b'{"at":1.0,"method":"m'])
def test_a_torn_record_is_passed_over(torn: bytes) -> None:
    trace.append([entry(1)])
    with (trace.folder() / "trace.jsonl").open("ab") as file:
        file.write(torn)  # a server was killed here
    assert trace.read() == [entry(1)]
    trace.append([entry(2)])
    assert trace.read() == [entry(1), entry(2)]


def test_a_killed_server_loses_no_record_that_was_written() -> None:
    program = (
        "import itertools, time\n"
        "from lsp_server.reports import Request\n"
        "from lsp_server.trace import Trace\n"
        "trace = Trace()\n"
        "for n in itertools.count():\n"
        "    trace.add(Request(float(n), 'm', 'a.py', n, 'shown', 1.0))\n"
        "    print(n, flush=True)\n"
        "    time.sleep(0.001)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 50 and len(trace.read()) >= 40:
                break
        process.kill()
    versions = [each.version for each in trace.read()]
    assert len(versions) >= 40
    assert versions == list(range(len(versions)))


def test_the_files_are_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "LARGEST", 20_000)
    for number in range(1000):
        trace.append([entry(number)])
        assert trace.bytes_kept() <= 20_000
    kept = [each.version for each in trace.read()]
    assert kept == list(range(1000 - len(kept), 1000))
    assert len(kept) > 30


def test_several_servers_write_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "LARGEST", 1 << 20)

    def write(server: int) -> None:
        for number in range(200):
            trace.append([entry(number, document=f"{server}.py")])

    threads = [threading.Thread(target=write, args=(server,)) for server in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    by_server = [[each.version for each in trace.read() if each.document == f"{n}.py"] for n in range(4)]
    assert by_server == [list(range(200))] * 4


def test_a_disk_that_fails_costs_entries_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    trace.folder().parent.mkdir(parents=True)
    trace.folder().write_text("in the way")
    writer = Trace()
    for number in range(10):
        writer.add(entry(number))
    writer.close()
    assert writer.lost == 10
    assert caplog.text.count("the trace is not written") == 1


def test_an_export_names_no_file_and_nothing_that_could_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    trace.append(
        [
            entry(1, document="payroll.py", detail="5 tokens to read, time for 3"),
            entry(2, document="payroll.py", detail="no folder /home/ann/payroll"),
            entry(3, document="other.py"),
        ]
    )
    assert app.main(["trace", "export"]) == 0
    exported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["detail"] for each in exported] == ["5 tokens to read, time for 3", "", ""]
    names = [each["document"] for each in exported]
    assert names[0] == names[1] != names[2]
    assert not any(word in json.dumps(exported) for word in ("payroll", "ann", "other"))
    assert app.main(["trace", "export", "--with-names"]) == 0
    assert "payroll.py" in capsys.readouterr().out
    assert app.main(["trace", "clear"]) == 0
    assert trace.read() == []


def test_why_looks_back_beyond_the_servers_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    trace.append([entry(n) for n in range(1, 9)])
    trace.append([entry(9, outcome="shown", reason="", source="model")])
    trace.append([entry(10, outcome="accepted", reason="", about="1-9")])
    trace.append([entry(11, kind="symbols", document="", reason="no-match", sentence="Nothing fits.")])
    assert app.main(["why", "-n", "3"]) == 0
    said = capsys.readouterr().out
    assert "a.py, version 8: nothing was shown. Too cold." in said
    assert "from the model. Then: accepted." in said
    assert "a search: nothing was shown. Nothing fits." in said
    assert app.main(["why", "--kind", "symbols", "--json"]) == 0
    assert [each["reason"] for each in json.loads(capsys.readouterr().out)["requests"]] == ["no-match"]


def test_ghost_text_that_was_taken_or_not_is_in_the_trace(scripted_model: ScriptedModel) -> None:
    with connected(scripted_model) as client:
        client.ready(budgetMs=10_000)
        client.open(URI, "def f(a, b):\n    return ")
        for version, typed in ((1, "a + b"), (3, "nothing")):
            place = {"line": 1, "character": 11}
            items = client.result(client.inline(URI, 1, 11, automatic=False))["items"]
            assert items[0]["insertText"].startswith("a + b")
            client.change(URI, version, {"range": {"start": place, "end": place}, "text": typed})
            end = {"line": 1, "character": 11 + len(typed)}
            client.change(URI, version + 1, {"range": {"start": place, "end": end}, "text": ""})
        client.synchronise()
    shown = [each for each in trace.read(kinds=["ghost-text"]) if each.outcome == "shown"]
    outcomes = {each.about: each.outcome for each in trace.read(kinds=["ghost-text"]) if each.about}
    assert [outcomes.get(each.id) for each in shown] == ["accepted", "ignored"]


class _Client:
    """What `bench.editor` needs, on a server in this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, uri: str, language: str, text: str, *, version: int) -> None:
        self._connection.open(uri, text, language=language, version=version)

    def change(self, uri: str, version: int, changes: list[Any]) -> None:
        self._connection.change(uri, version, *changes)

    def send(self, method: str, params: Any) -> str:
        return self._connection.start(method, params)


def test_every_silence_of_a_recorded_session_is_explained(tmp_path: Path) -> None:
    session = load(WORKDAY)
    root = unpack(WORKDAY, session, tmp_path)
    model = ScriptedModel(lambda prompt: "value\n" if len(prompt) % 3 == 0 else "")
    asked: list[tuple[str, Any]] = []
    with connected(model) as client:
        client.initialize(
            options={"index": {"enabled": False}}, workspaceFolders=[{"uri": root.as_uri(), "name": "w"}]
        )
        editor = Editor(_Client(client), root)  # type: ignore[arg-type]
        for number, _ in enumerate(strokes(session, editor)):
            asked.append(("ghost-text", editor.ask()))
            line, column = editor.document.position(editor.cursor)
            place = {
                "textDocument": {"uri": editor.document.uri, "version": editor.document.version},
                "position": {"line": line, "character": column},
            }
            asked.append(("next-edit", client.start("textDocument/copilotInlineEdit", place)))
            if number % 5 == 0:  # else a new key comes first, as when typing fast
                client.reply(asked[-1][1])
                client.reply(asked[-2][1])
            if number % 50 == 0:
                client.request("workspace/symbol", {"query": "sum"})
                asked.append(("symbols", None))
        for _, id in asked:
            if id is not None:
                client.reply(id)
        client.wait_for(lambda: bool(client.request("tacit/status")["findings"]))
        counted = client.request("tacit/status")["outcomes"]
    entries = [each for each in trace.read() if not each.about]
    for kind in ("ghost-text", "next-edit", "symbols"):
        assert len([each for each in entries if each.kind == kind]) == len([k for k, _ in asked if k == kind])
    silent = [each for each in entries if each.outcome == "silent"]
    unexplained = [each for each in silent if not (each.reason and each.sentence.endswith("."))]
    assert not unexplained
    assert len(silent) > 300
    assert {"no-model", "superseded"} & {each.reason for each in silent}
    assert any(each.outcome == "shown" for each in entries)
    assert sum(counted.values()) == len([kind for kind, _ in asked if kind != "symbols"])
    assert {each.kind for each in silent} >= {"ghost-text", "next-edit", "symbols", "findings"}
    assert not any(os.sep in each.document for each in entries)
