"""Findings in an editor, push and pull: they come, follow the text, are fixed, dismissed, and go."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server import reports
from lsp_server.app import main
from tests.bug_finder.samples import MENDED, SHAPES, WRONG, certain
from tests.lsp_server.applying import EDITOR, Editor
from tests.lsp_server.connection import Connection, RequestFailed, connected

ALL: Any = {"bugs": {"precision": 0, "maxPerFile": 100}}
_EDITOR: Any = EDITOR
PULLS: Any = {
    **_EDITOR,
    "textDocument": {**_EDITOR["textDocument"], "diagnostic": {}},
    "workspace": {**_EDITOR["workspace"], "diagnostics": {"refreshSupport": True}},
}
LINE = SHAPES[: SHAPES.index(WRONG)].count("\n")


@pytest.fixture
def connection(scripted_model: Any) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        yield connection


class Screen(Editor):
    """An editor that shows what is pushed to it, by URI. Nothing is indexed meanwhile."""

    def __init__(
        self, connection: Connection, root: Path, capabilities: Any = EDITOR, options: Any = None
    ) -> None:
        quiet = {"index": {"enabled": False}, **(options or {})}
        super().__init__(connection, root, capabilities, options=quiet)

    def start(self) -> Screen:
        super().start()
        return self

    def pushed(self, uri: str) -> list[Any]:
        """All pushes for a document."""
        return [
            params
            for method, params in list(self.connection.notifications)
            if method == "textDocument/publishDiagnostics" and params["uri"] == uri
        ]

    def shown(self, uri: str) -> list[Any]:
        """What does not depend on the network."""
        pushes = self.pushed(uri)
        return self.certain(pushes[-1]["diagnostics"]) if pushes else []

    def certain(self, items: list[Any]) -> list[Any]:
        return [each for each in items if certain(each["message"])]

    def shows(self, uri: str, count: int) -> list[Any]:
        self.connection.wait_for(lambda: len(self.shown(uri)) == count)
        return self.shown(uri)

    def pull(self, uri: str, previous: str | None = None) -> Any:
        params: Any = {"textDocument": {"uri": uri}, "previousResultId": previous}
        answer = self.connection.request("textDocument/diagnostic", params)
        return {**answer, "items": self.certain(answer["items"])} if "items" in answer else answer

    def replace(self, uri: str, old: str, new: str, version: int) -> None:
        """Edit the document as a person does: only what changes is sent."""
        text = self.texts[uri]
        at = text.index(old)
        where = {"start": place(text, at), "end": place(text, at + len(old))}
        self.texts[uri] = text.replace(old, new, 1)
        self.connection.change(uri, version, {"range": where, "text": new})

    def why(self) -> Any:
        return self.connection.request("tacit/status")["findings"][-1]


def place(text: str, at: int) -> Any:
    line = text.count("\n", 0, at)
    return {"line": line, "character": len(text[text.rfind("\n", 0, at) + 1 : at].encode("utf-16-le")) // 2}


@pytest.fixture
def screen(connection: Connection, tmp_path: Path) -> Screen:
    """A client that is pushed to."""
    (tmp_path / "w" / ".git").mkdir(parents=True)
    return Screen(connection, tmp_path / "w", options=ALL).start()


@pytest.fixture
def pulling(connection: Connection, tmp_path: Path) -> Screen:
    """A client that pulls."""
    (tmp_path / "w" / ".git").mkdir(parents=True)
    return Screen(connection, tmp_path / "w", PULLS, options=ALL).start()


def test_push_says_what_where_and_how_sure(screen: Screen) -> None:
    assert "diagnosticProvider" not in screen.capabilities
    uri = screen.open("shapes.py", SHAPES, version=7)
    first, _ = screen.shows(uri, 2)
    assert first["range"] == {"start": place(SHAPES, at := SHAPES.index(WRONG)), "end": place(SHAPES, at + 2)}
    assert first["source"] == "tacit"
    assert "% sure" in first["message"]
    assert "Proposed: `==` instead of `is`" in first["message"]
    assert first["severity"] in (2, 3, 4)
    assert first["data"]["replacement"] == "=="
    assert screen.pushed(uri)[-1]["version"] == 7


def test_an_edit_clears_what_it_touches_and_moves_the_rest(screen: Screen) -> None:
    uri = screen.open("shapes.py", "# é𝒳\n" + SHAPES)
    screen.shows(uri, 2)
    screen.replace(uri, WRONG, MENDED, 1)
    (other,) = screen.shows(uri, 1)
    assert screen.pushed(uri)[-1]["version"] == 1
    screen.replace(uri, "import math\n", "import math\nimport os\n", 2)
    screen.connection.wait_for(lambda: screen.pushed(uri)[-1]["version"] == 2)
    (moved,) = screen.shown(uri)
    assert moved["range"]["start"]["line"] == other["range"]["start"]["line"] + 1
    screen.replace(uri, MENDED, WRONG, 3)
    screen.shows(uri, 2)


def test_nothing_is_left_after_closing(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    screen.connection.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    screen.shows(uri, 0)
    other = screen.open("clean.py", "x = 1\n")
    screen.connection.notify("textDocument/didClose", {"textDocument": {"uri": other}})
    screen.connection.synchronise()
    assert screen.pushed(other) == []


def test_pull_answers_with_the_findings_of_the_text_as_it_is(pulling: Screen) -> None:
    assert pulling.capabilities["diagnosticProvider"]["identifier"] == "tacit"
    uri = pulling.open("shapes.py", SHAPES)
    full = pulling.pull(uri)
    assert (full["kind"], len(full["items"])) == ("full", 2)
    assert pulling.pull(uri, full["resultId"]) == {"kind": "unchanged", "resultId": full["resultId"]}
    pulling.replace(uri, WRONG, MENDED, 1)
    changed = pulling.pull(uri, full["resultId"])
    assert [each["range"]["start"]["line"] > LINE for each in changed["items"]] == [True]
    assert pulling.pull("file:///not/open.py")["items"] == []
    assert pulling.pushed(uri) == []


def test_a_pull_that_is_overtaken_by_a_change_gets_what_still_stands(pulling: Screen) -> None:
    uri = pulling.open("shapes.py", SHAPES)
    assert len(pulling.pull(uri)["items"]) == 2
    pulling.replace(uri, "import math\n", "import math\nimport os\n", 1)
    params = {"textDocument": {"uri": uri}}
    overtaken = pulling.connection.start("textDocument/diagnostic", params)
    pulling.replace(uri, WRONG, MENDED, 2)
    (item,) = pulling.certain(pulling.connection.result(overtaken)["items"])
    assert item["range"]["start"]["line"] == SHAPES[: SHAPES.index("a.size")].count("\n") + 1
    assert len(pulling.pull(uri)["items"]) == 1


@pytest.mark.parametrize("kind", ["screen", "pulling"])
def test_the_fix_is_made_once_it_is_chosen(kind: str, request: pytest.FixtureRequest) -> None:
    editor: Screen = request.getfixturevalue(kind)
    uri = editor.open("shapes.py", SHAPES, version=3)
    editor.pull(uri)
    actions = [each for each in editor.actions(uri, LINE) if certain(each["diagnostics"][0]["message"])]
    fix, *others = actions
    assert fix["title"].startswith("Fix: `==` instead of `is` (")
    assert (fix["kind"], "edit" in fix, len(fix["diagnostics"])) == ("quickfix", False, 1)
    assert [each["title"].partition(" ")[0] for each in others] == ["Why?", "Dismiss:"]
    editor.make(editor.connection.request("codeAction/resolve", fix)["edit"])
    assert editor.texts[uri] == SHAPES.replace(WRONG, MENDED)
    assert editor.edits[-1]["documentChanges"][0]["textDocument"]["version"] == 3
    assert editor.actions(uri, 0) == []


def test_a_fix_is_refused_once_its_line_has_changed(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    fix = next(each for each in screen.actions(uri, LINE) if "`==` instead of `is`" in each["title"])
    screen.replace(uri, "import math\n", "import math\nimport os\n", 1)
    moved = screen.connection.request("codeAction/resolve", fix)["edit"]["documentChanges"][0]
    assert moved["textDocument"]["version"] == 1
    assert moved["edits"][0]["range"]["start"]["line"] == LINE + 1
    screen.replace(uri, WRONG, f"{WRONG} and True", 2)
    with pytest.raises(RequestFailed, match="changed") as refused:
        screen.connection.request("codeAction/resolve", fix)
    assert refused.value.code == -32801


def test_dismissed_for_the_project_wherever_it_goes_until_undone(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    run = next(
        each
        for each in screen.actions(uri, LINE)
        if each["title"].startswith("Dismiss") and certain(each["diagnostics"][0]["message"])
    )
    screen.connection.request("workspace/executeCommand", run["command"])
    (left,) = screen.shows(uri, 1)
    assert left["range"]["start"]["line"] != LINE
    moved = screen.open("moved.py", "# moved\n" + SHAPES)
    screen.shows(moved, 1)
    (undo,) = [each for each in screen.actions(uri, LINE) if each["title"].startswith("Undo dismissal")]
    screen.connection.request("workspace/executeCommand", undo["command"])
    screen.shows(uri, 2)
    screen.shows(moved, 2)
    assert screen.command("tacit.undoDismiss", uri=uri) is False
    assert "nothing is dismissed" in screen.connection.messages()[-1]


def test_the_last_dismissal_is_undone_and_who_pulls_is_told(pulling: Screen) -> None:
    uri = pulling.open("shapes.py", SHAPES)
    data = pulling.pull(uri)["items"][0]["data"]
    pulling.connection.answers["workspace/diagnostic/refresh"] = lambda _: None
    pulling.connection.request("workspace/executeCommand", {"command": "tacit.dismiss", "arguments": [data]})
    pulling.connection.wait_for(lambda: "workspace/diagnostic/refresh" in pulling.connection.asked)
    assert len(pulling.pull(uri)["items"]) == 1
    pulling.connection.request("workspace/executeCommand", {"command": "tacit.undoDismiss"})
    assert len(pulling.pull(uri)["items"]) == 2


def test_why_says_how_sure_and_how_to_silence(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    shown = screen.shows(uri, 2)[0]
    told = screen.command("tacit.whyFinding", **shown["data"])
    assert told["kind"] == shown["code"]
    assert f"tacit: ignore[{shown['code']}]" in told["sentence"]
    assert told["sentence"] in screen.connection.messages()[-1]
    with pytest.raises(RequestFailed, match="no longer stands"):
        screen.command("tacit.whyFinding", uri=uri, finding="other")


@pytest.mark.parametrize(
    ("options", "name", "text", "reason"),
    [
        ({"bugs": {"enabled": False}}, "a.py", SHAPES, "bugs-off"),
        ({"bugs.enabled": False}, "a.py", SHAPES, "bugs-off"),
        ({"bugs": {"precision": 1}}, "a.py", SHAPES, "unlikely"),
        ({"bugs": {"precision": 0, "maxPerFile": 0}}, "a.py", SHAPES, "too-many"),
        ({"languagesOff": ["python"]}, "a.py", SHAPES, "language"),
        ({"filesOff": ["a.*"]}, "a.py", SHAPES, "private"),
        (ALL, "node_modules/a.py", SHAPES, "vendored"),
        (ALL, "a.py", "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n" + SHAPES, "generated"),
        (ALL, "a.py", "def f(:\n    return 1\n", "unparsable"),
        (ALL, "a.py", "x = 1\n", "no-functions"),
        ({}, "a.py", "def f():\n    return 1\n", "nothing unlikely"),
        (ALL, "a.py", ("x = 1  # " + "y" * 200 + "\n") * 11_000, "too-large"),
    ],
)
def test_every_file_without_findings_has_a_reason(
    options: Any, name: str, text: str, reason: str, connection: Connection, tmp_path: Path
) -> None:
    screen = Screen(connection, tmp_path, options=options).start()
    uri = screen.open(name, text)
    connection.wait_for(lambda: bool(connection.request("tacit/status")["findings"]))
    assert screen.why()["reason"] in reason.split()
    assert screen.why()["sentence"]
    assert screen.pushed(uri) == []


def test_settings_take_effect_at_once(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    kinds = {each["code"] for each in screen.shows(uri, 2)}
    off: Any = {"tacit": {"bugs": {**ALL["bugs"], "kinds": dict.fromkeys(kinds, False)}}}
    screen.connection.notify("workspace/didChangeConfiguration", {"settings": off})
    screen.shows(uri, 0)
    on: Any = {"tacit": {"bugs": {**ALL["bugs"], "kinds": {}}}}
    screen.connection.notify("workspace/didChangeConfiguration", {"settings": on})
    screen.shows(uri, 2)


def test_a_client_that_shows_such_documents_is_told_what_a_kind_is(
    connection: Connection, tmp_path: Path
) -> None:
    capabilities = {**PULLS, "workspace": {**PULLS["workspace"], "textDocumentContent": {}}}
    screen = Screen(connection, tmp_path, capabilities, options=ALL).start()
    uri = screen.open("shapes.py", SHAPES)
    first = screen.pull(uri)["items"][0]
    told = connection.request("workspace/textDocumentContent", {"uri": first["codeDescription"]["href"]})
    assert f"tacit: ignore[{first['code']}]" in told["text"]


def test_only_what_changed_is_read(screen: Screen) -> None:
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    assert (screen.why()["functions"], screen.why()["read"]) == (3, 3)
    screen.replace(uri, "radius**2", "radius**3", 1)
    screen.connection.wait_for(lambda: screen.why()["version"] == 1)
    assert (screen.why()["functions"], screen.why()["read"]) == (3, 1)


def test_the_workspace_is_scanned_on_request(screen: Screen) -> None:
    for name in ("a.py", "b/c.py"):
        screen.write(name, SHAPES)
    screen.write("big.py", b"\n" * (3 << 20))
    screen.write("deep.py", "x = " + "(\n" * 5000 + "1" + "\n)" * 5000)
    screen.write("latin.py", SHAPES.replace("Shapes", "é").encode("latin-1"))
    screen.write("vendor/d.py", SHAPES)
    opened = screen.open("a.py", SHAPES)
    screen.shows(opened, 2)
    outcome = screen.connection.request("workspace/executeCommand", {"command": "tacit.findBugs"})
    assert (outcome["files"], outcome["functions"], outcome["cancelled"]) == (3, 9, False)
    assert outcome["findings"] >= 6
    assert outcome["skipped"] == {"too-large": 1, "too-deep": 1, "vendored": 1}
    assert len(screen.pushed(opened)) == 1
    other = (screen.root / "b" / "c.py").as_uri()
    assert len(screen.shown(other)) == 2
    assert "window/workDoneProgress/create" in screen.connection.asked
    ends = [p["value"]["kind"] for m, p in screen.connection.notifications if m == "$/progress"]
    assert ends[-1:] in ([], ["end"])
    # Once it is open it speaks for itself; and what changes on the disk is no longer spoken of.
    screen.open("b/c.py", "x = 1\n")
    screen.shows(other, 0)
    latin = (screen.root / "latin.py").as_uri()
    screen.write("latin.py", "x = 2\n")
    screen.shows(latin, 0)


def test_a_scan_can_be_given_up(screen: Screen) -> None:
    for number in range(300):
        screen.write(f"f{number}.py", SHAPES.replace("radius", f"radius{number}"))
    scan = screen.connection.start("workspace/executeCommand", {"command": "tacit.findBugs"})
    begun: list[Any] = []

    def has_begun() -> bool:
        begun[:] = [
            p
            for m, p in list(screen.connection.notifications)
            if m == "$/progress" and p["value"]["kind"] == "begin"
        ]
        return bool(begun) or scan in screen.connection.replies

    screen.connection.wait_for(has_begun)
    if begun:
        screen.connection.notify("window/workDoneProgress/cancel", {"token": begun[0]["token"]})
    outcome = screen.connection.result(scan)
    assert outcome["cancelled"] or outcome["files"] == 300


def test_a_scan_waits_while_somebody_types_and_still_reads_everything(screen: Screen) -> None:
    for number in range(10):
        screen.write(f"f{number}.py", SHAPES.replace("radius", f"radius{number}"))
    uri = screen.open("open.py", "x = 1\n")
    scan = screen.connection.start("workspace/executeCommand", {"command": "tacit.findBugs"})
    for version in range(1, 20):
        at = {"line": 0, "character": 0}
        screen.connection.change(uri, version, {"range": {"start": at, "end": at}, "text": "\n"})
        time.sleep(0.02)
    outcome = screen.connection.result(scan)
    assert (outcome["files"], outcome["cancelled"]) == (10, False)


def test_what_changed_since_the_commit_is_reviewed(screen: Screen) -> None:
    (screen.root / ".git").rmdir()
    path = screen.write("shapes.py", SHAPES.replace(WRONG, MENDED))
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", screen.root, *who, *command], check=True)
    uri = screen.open("shapes.py", SHAPES)
    screen.shows(uri, 2)
    deadline = time.monotonic() + 20
    review: list[Any] = []
    while not review and time.monotonic() < deadline:  # git may take longer than the menu waits
        review = [each for each in screen.actions(uri, LINE) if each["kind"] == "source.reviewChanges"]
    outcome = screen.connection.request("workspace/executeCommand", review[0]["command"])
    assert {each["function"] for each in outcome["findings"]} == {"is_square"}
    assert [each["line"] for each in screen.certain(outcome["findings"])] == [LINE]
    assert outcome["hidden"]["untouched"] >= 1
    assert f"line {outcome['findings'][0]['line'] + 1}" in screen.connection.messages()[-1]
    assert not [each for each in screen.actions(uri, 0) if each["kind"] == "source.reviewChanges"]
    with pytest.raises(RequestFailed, match="What changed is not known"):
        screen.command("tacit.reviewChanges", uri=uri, rev="no-such")
    assert path.read_text() == SHAPES.replace(WRONG, MENDED)


def test_keystrokes_go_first_and_no_finding_is_of_an_older_text(screen: Screen) -> None:
    """Typing in a document of a hundred functions: every push is of the version that it names."""
    text = SHAPES + "".join(f"\n\ndef f{n}(v):\n    return v is 'a{n}'\n" for n in range(100))
    uri = screen.open("many.py", text)
    for version in range(1, 40):
        at = {"line": 0, "character": 0}
        screen.connection.change(uri, version, {"range": {"start": at, "end": at}, "text": "\n"})
    screen.connection.wait_for(
        lambda: screen.pushed(uri)[-1:] != [] and screen.pushed(uri)[-1]["version"] == 39
    )
    lines = ("\n" * 39 + text).split("\n")
    for each in screen.shown(uri):
        where = each["range"]["start"]
        assert lines[where["line"]][where["character"] :].startswith(("is ", "a.size"))
    assert 20 < len(screen.pushed(uri)[-1]["diagnostics"]) <= 100


def test_why_says_in_a_sentence_why_a_file_has_no_findings(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.open("clean.py", "x = 1\n")
    screen.connection.wait_for(lambda: len(reports.read_all()) == 1 and bool(reports.read_all()[0].findings))
    assert main(["why"]) == 0
    assert "clean.py, version 0: no findings. There is no function in it." in capsys.readouterr().out
    assert main(["why", "--json"]) == 0
    assert '"reason":"no-functions"' in capsys.readouterr().out
