"""The command that applies a sketch: what it takes, and how it fails."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.envelope import Code
from tests.lsp_server.applying import BOTH, SHAPES, TWO_PARTS, Editor, fence, refused
from tests.lsp_server.connection import RequestFailed


def test_a_sketch_as_argument_changes_the_named_file(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    done = editor.command("tacit.apply", sketch=fence(TWO_PARTS))
    assert editor.texts[target] == BOTH
    assert done["applied"] is True
    assert done["files"][0]["uri"] == target
    assert done["files"][0]["newNames"] == ["abs"]
    assert 0.5 < done["files"][0]["confidence"] <= 1


def test_a_place_in_a_document_and_a_selection(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    notes = editor.open("notes.md", fence(TWO_PARTS, "python"), "markdown")
    editor.command("tacit.apply", document=notes, lines=[4, 4])
    assert editor.texts[target] == BOTH
    # A scratch buffer that is no Markdown: what is selected is the sketch.
    scratch = editor.open("untitled:scratch", "prose\n" + TWO_PARTS + "more prose\n", "")
    editor.texts[target] = SHAPES
    editor.command("tacit.apply", document=scratch, lines=[1, 7])
    assert editor.texts[target] == BOTH
    editor.edits.clear()
    assert "no fenced block at line 1" in str(refused(editor, document=notes, lines=[0, 0]))


def test_a_bare_text_is_a_sketch_too(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    params = {"command": "tacit.apply", "arguments": [TWO_PARTS]}
    editor.connection.request("workspace/executeCommand", params)
    assert editor.texts[target] == BOTH


def test_a_clipboard_beside_a_document_changes_that(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    editor.open("copy.py", SHAPES)
    editor.command("tacit.apply", sketch=TWO_PARTS, document=target)
    assert editor.texts[target] == BOTH


def test_an_untitled_document_can_be_changed(editor: Editor) -> None:
    target = editor.open("untitled:Untitled-1", SHAPES)
    editor.command("tacit.apply", sketch=TWO_PARTS, uri=target)
    assert editor.texts[target] == BOTH


@pytest.mark.parametrize("arguments", [[], [5], [{"sketch": 5}], [{}], [{"lines": [1]}], [None]])
def test_odd_arguments_are_errors(editor: Editor, arguments: Any) -> None:
    params = {"command": "tacit.apply", "arguments": arguments}
    with pytest.raises(RequestFailed) as error:
        editor.connection.request("workspace/executeCommand", params)
    assert error.value.code == Code.INVALID_PARAMS


def test_as_a_notification_its_reasons_are_a_message(editor: Editor) -> None:
    editor.connection.notify("workspace/executeCommand", {"command": "tacit.apply", "arguments": ["x"]})
    editor.connection.wait_for(lambda: any("names no file" in each for each in editor.connection.messages()))


def test_reasons_quote_files_and_stay_out_of_the_log(
    editor: Editor, caplog: pytest.LogCaptureFixture
) -> None:
    sketch = "<<<<<<< SEARCH\n    password = compute()\n=======\n    pass\n>>>>>>> REPLACE\n"
    argument = {"sketch": sketch, "uri": (editor.root / "shapes.py").as_uri()}
    with caplog.at_level("DEBUG"):
        assert "password" in str(refused(editor, **argument))
        command = {"command": "tacit.apply", "arguments": [argument]}
        editor.connection.notify("workspace/executeCommand", command)
        editor.connection.wait_for(lambda: any("password" in each for each in editor.connection.messages()))
        editor.connection.synchronise()
    # pygls's own loggers, which `lsp_server.logs` silences, are heard in this process.
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tacit")]
    assert ours
    assert not any("password" in message for message in ours)


def test_an_edit_that_the_editor_does_not_make_is_an_error(editor: Editor) -> None:
    editor.connection.answers["workspace/applyEdit"] = lambda _: {"applied": False, "failureReason": "No."}
    assert str(refused(editor, sketch=fence(TWO_PARTS))) == "The editor did not make the edit: No."
