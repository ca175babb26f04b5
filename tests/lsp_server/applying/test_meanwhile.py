"""What happens while a sketch is applied."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apply.apply import apply_blocks
from lsp_server.envelope import Code
from tests.lsp_server.applying import SHAPES, TWO_PARTS, Editor, fence, refused


def test_what_changes_meanwhile_is_not_overwritten(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    real = apply_blocks
    uri = editor.open("open.py", SHAPES)

    def and_meanwhile(*arguments: Any) -> Any:
        editor.write("shapes.py", SHAPES + "# somebody else's\n")
        editor.connection.change(uri, 1, {"text": SHAPES + "# the user's\n"})
        editor.connection.synchronise()
        return real(*arguments)

    monkeypatch.setattr("lsp_server.applying.plan.apply_blocks", and_meanwhile)
    for name in ("shapes.py", "open.py"):
        editor.write("shapes.py", SHAPES)
        editor.connection.change(uri, 0, {"text": SHAPES})
        error = refused(editor, sketch=fence(TWO_PARTS, f"python {name}"))
        assert error.code == Code.CONTENT_MODIFIED
        assert f"{name} has changed meanwhile" in str(error)


def test_what_takes_long_is_shown_and_can_be_given_up(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    real = apply_blocks
    monkeypatch.setattr("lsp_server.applying.plan.apply_blocks", lambda *each: go_on.wait(20) and real(*each))
    connection = editor.connection
    command = {"command": "tacit.apply", "arguments": [{"sketch": fence(TWO_PARTS)}]}
    first, second = (connection.start("workspace/executeCommand", command) for _ in range(2))

    def begun() -> list[Any]:
        return [each for method, each in connection.notifications if method == "$/progress"]

    connection.wait_for(lambda: len(begun()) >= 2)
    connection.synchronise()  # the loop is free meanwhile
    connection.notify("window/workDoneProgress/cancel", {"token": begun()[0]["token"]})
    connection.notify("$/cancelRequest", {"id": second})
    for id in (first, second):
        assert connection.reply(id)["error"]["code"] == Code.REQUEST_CANCELLED
    go_on.set()
    assert not editor.edits
    assert editor.command("tacit.apply", sketch=fence(TWO_PARTS))["applied"]
