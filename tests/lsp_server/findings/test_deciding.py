"""What is done about a finding: it is fixed, dismissed, asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bug_finder.samples import MENDED, SHAPES, WRONG, certain
from tests.lsp_server.connection import Connection, RequestFailed
from tests.lsp_server.findings.screen import ALL, LINE, PULLS, Screen


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


def test_a_client_that_shows_such_documents_is_told_what_a_kind_is(
    connection: Connection, tmp_path: Path
) -> None:
    capabilities = {**PULLS, "workspace": {**PULLS["workspace"], "textDocumentContent": {}}}
    screen = Screen(connection, tmp_path, capabilities, options=ALL).start()
    uri = screen.open("shapes.py", SHAPES)
    first = screen.pull(uri)["items"][0]
    told = connection.request("workspace/textDocumentContent", {"uri": first["codeDescription"]["href"]})
    assert f"tacit: ignore[{first['code']}]" in told["text"]
