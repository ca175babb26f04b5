"""Sketches in editors that can do less, or more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp_server.applying import BOTH, EDITOR, SHAPES, TWO_PARTS, fence, refused, started
from tests.lsp_server.connection import Connection


def without(*path: str) -> Any:
    """The editor's capabilities less one."""
    capabilities: Any = {**EDITOR}
    place = capabilities
    for name in path[:-1]:
        place[name] = {**place[name]}
        place = place[name]
    del place[path[-1]]
    return capabilities


def test_without_resolve_the_action_is_a_command(connection: Connection, tmp_path: Path) -> None:
    editor = started(connection, tmp_path, without("textDocument", "codeAction", "resolveSupport"))
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    command = editor.actions(notes, 4)[0]["command"]
    connection.request("workspace/executeCommand", command)
    assert editor.text((tmp_path / "shapes.py").as_uri()) == BOTH


def test_without_action_objects_there_are_commands(connection: Connection, tmp_path: Path) -> None:
    editor = started(connection, tmp_path, without("textDocument", "codeAction"))
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    command = editor.actions(notes, 4)[0]
    assert command["command"] == "tacit.apply"
    connection.request("workspace/executeCommand", command)
    assert editor.text((tmp_path / "shapes.py").as_uri()) == BOTH


def test_without_versions_there_are_plain_changes(connection: Connection, tmp_path: Path) -> None:
    editor = started(connection, tmp_path, without("workspace", "workspaceEdit"))
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    editor.choose(notes, 4, "Apply this")
    assert editor.edits[0].keys() == {"changes"}
    assert editor.text((tmp_path / "shapes.py").as_uri()) == BOTH


def test_with_annotations_each_part_can_be_reviewed(connection: Connection, tmp_path: Path) -> None:
    edits = {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}}
    capabilities = {**EDITOR, "workspace": {"applyEdit": True, "workspaceEdit": edits}}
    editor = started(connection, tmp_path, capabilities)
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    editor.choose(notes, 4, "Apply this")
    assert "changeAnnotations" not in editor.edits[0]
    del editor.texts[(tmp_path / "shapes.py").as_uri()]
    editor.choose(notes, 4, "Review this")
    annotations = editor.edits[1]["changeAnnotations"]
    assert [each["label"] for each in annotations.values()] == [
        "shapes.py, line 2 in area",
        "shapes.py, line 10 in volume",
    ]
    assert all(each["needsConfirmation"] for each in annotations.values())
    used = [each["annotationId"] for each in editor.edits[1]["documentChanges"][0]["edits"]]
    assert sorted(set(used)) == sorted(annotations)


def test_an_editor_that_hides_errors_is_told_in_a_message(connection: Connection, tmp_path: Path) -> None:
    editor = started(connection, tmp_path, EDITOR, clientInfo={"name": "helix"})
    assert "no such file" in str(refused(editor, sketch=fence(TWO_PARTS, "python none.py")))
    connection.synchronise()
    assert any("no such file" in message for message in connection.messages())


@pytest.mark.parametrize(("client", "ending"), [("Neovim", "\r\n"), ("Eglot", "\n")])
def test_line_ends_are_the_files_own_unless_the_editor_converts_them(
    client: str, ending: str, connection: Connection, tmp_path: Path
) -> None:
    editor = started(connection, tmp_path, EDITOR, clientInfo={"name": client})
    target = editor.write("shapes.py", SHAPES.replace("\n", "\r\n")).as_uri()
    sketch = TWO_PARTS.replace("    return abs(width * height)\n", "    check()\n    return width * height\n")
    editor.command("tacit.apply", sketch=sketch, uri=target)
    inserted = [each["newText"] for each in editor.edits[0]["documentChanges"][0]["edits"]]
    assert f"check(){ending}" in "".join(inserted)
