"""Previews: differences to look at, and best guesses of what was refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_server.applying import guessing as guessing_of_model
from tests.lsp_server.applying import (
    AMBIGUOUS,
    BOTH,
    EDITOR,
    SHAPES,
    TWICE,
    TWO_PARTS,
    Editor,
    fence,
    refused,
    started,
)
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.support.scripted import ScriptedModel


def test_a_preview_is_a_diff_by_uri(connection: Connection, tmp_path: Path) -> None:
    capabilities = {**EDITOR, "window": {"showDocument": {"support": True}}}
    capabilities["workspace"] = {"textDocumentContent": {}}
    editor = started(connection, tmp_path, capabilities)
    shown: list[Any] = []
    connection.answers["window/showDocument"] = shown.append
    preview = editor.command("tacit.previewApply", sketch=fence(TWO_PARTS))
    assert "-    return width * height\n+    return abs(width * height)\n" in preview["diff"]
    assert preview["refused"] == []
    connection.wait_for(lambda: bool(shown))
    assert shown[0]["uri"] == preview["uri"]
    content = connection.request("workspace/textDocumentContent", {"uri": preview["uri"]})
    assert content == {"text": preview["diff"]}
    assert editor.capabilities["workspace"]["textDocumentContent"] == {"schemes": ["tacit"]}
    with pytest.raises(RequestFailed):
        connection.request("workspace/textDocumentContent", {"uri": "tacit://preview/none.diff"})


def test_what_was_looked_at_can_be_applied_whole_or_in_part(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    diff = editor.command("tacit.previewApply", sketch=fence(TWO_PARTS))["diff"]
    second = diff.splitlines().index("-    return width * height * depth")
    editor.command("tacit.apply", sketch=diff, lines=[second, second + 1])
    assert editor.texts[target] == SHAPES.replace("width * height * depth\n", "abs(width * height * depth)\n")
    editor.open("shapes.py", SHAPES)
    editor.command("tacit.apply", sketch=diff, lines=[0, 0])
    assert editor.texts[target] == BOTH


def test_an_editor_without_virtual_documents_gets_a_file(
    scripted_model: ScriptedModel, tmp_path: Path
) -> None:
    shown: list[Any] = []
    with connected(scripted_model) as connection:
        capabilities = {**EDITOR, "window": {"showDocument": {"support": True}}}
        editor = started(connection, tmp_path, capabilities)
        connection.answers["window/showDocument"] = shown.append
        preview = editor.command("tacit.previewApply", sketch=fence(TWO_PARTS))
        connection.wait_for(lambda: bool(shown))
        path = Path(shown[0]["uri"].removeprefix("file://"))
        assert path.read_text() == preview["diff"]
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_a_hunk_of_a_diff_is_a_code_action_too(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    diff = editor.command("tacit.previewApply", sketch=fence(TWO_PARTS))["diff"]
    preview = editor.open("preview.diff", diff, "diff")
    second = diff.splitlines().index("-    return width * height * depth")
    assert [each for each in editor.titles(preview, second) if each.startswith("Apply")] == [
        "Apply this sketch to shapes.py",
        "Apply all of this document to shapes.py",
    ]
    editor.choose(preview, second, "Apply this")
    assert editor.texts[target] == SHAPES.replace("width * height * depth\n", "abs(width * height * depth)\n")
    editor.open("shapes.py", SHAPES)
    editor.choose(preview, 0, "Apply this")
    assert editor.texts[target] == BOTH


def test_a_refused_sketch_shows_its_best_guess_and_why(editor: Editor) -> None:
    editor.write("twice.py", TWICE)
    preview = editor.command("tacit.previewApply", sketch=fence(AMBIGUOUS, "python twice.py"))
    assert preview["diff"].startswith("# refused: twice.py: ")
    assert "+        return 2\n" in preview["diff"]
    assert "line 2" in preview["refused"][0]
    with pytest.raises(RequestFailed, match="no such file"):
        editor.command("tacit.previewApply", sketch=fence(AMBIGUOUS, "python none.py"))


CHECKED = """\
def area(width, height):
    if width < 0:
        raise ValueError(width)
    return width * height
"""
LOGGED = """\
def area(width, height):
    # ... existing code ...
    log(width)
    # ... existing code ...
"""
MEANT = CHECKED.replace("(width)\n", "(width)\n    log(width)\n")


def guessing(text: str, before_token: Callable[[int], None] = lambda _: None) -> ScriptedModel:
    """A model that rewrites every region to `text`."""
    return ScriptedModel(
        lambda prompt: f"{text}```" if prompt.endswith("assistant\n```\n") else "", before_token=before_token
    )


def test_what_a_model_makes_of_a_refused_sketch_is_shown_and_never_applied(tmp_path: Path) -> None:
    with connected(guessing(MEANT)) as connection:
        editor = started(connection, tmp_path, EDITOR)
        connection.wait_for_model()
        path = editor.write("checked.py", CHECKED)
        sketch = fence(LOGGED, "python checked.py")
        preview = editor.command("tacit.previewApply", sketch=sketch)
        assert preview["diff"].startswith("# refused: checked.py: ")
        assert "         raise ValueError(width)\n+    log(width)\n     return" in preview["diff"]
        assert len(preview["refused"]) == 1
        refused(editor, sketch=sketch)
        assert path.read_text() == CHECKED


def test_a_model_that_takes_too_long_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def wait(_: int) -> None:
        go_on.wait(30)

    monkeypatch.setattr(guessing_of_model, "LONGEST_S", 0.2)
    with connected(guessing(MEANT, wait)) as connection:
        editor = started(connection, tmp_path, EDITOR)
        connection.wait_for_model()
        editor.write("checked.py", CHECKED)
        preview = editor.command("tacit.previewApply", sketch=fence(LOGGED, "python checked.py"))
        go_on.set()
        assert "+    log(width)\n     return" not in preview["diff"]
        assert len(preview["refused"]) == 1
