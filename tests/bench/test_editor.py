from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.client import Client
from bench.editor import Editor
from bench.session import SessionError


@pytest.fixture
def editor(client: Client, tmp_path: Path) -> Editor:
    """An editor on a file of two lines, its cursor at the end of the first."""
    (tmp_path / "a.py").write_text("f('👻')\nf(x)\n", "utf-8")
    (tmp_path / "b.ts").write_text("let b;\n", "utf-8")
    editor = Editor(client, tmp_path)
    editor.visit("a.py")
    editor.find("f('👻')")
    return editor


def item(text: str, *characters: int) -> dict[str, Any]:
    """A reply with one item, for a range of the first line if `characters` are given."""
    one: dict[str, Any] = {"insertText": text}
    if characters:
        start, end = ({"line": 0, "character": each} for each in characters)
        one["range"] = {"start": start, "end": end}
    return {"items": [one]}


def test_typing_and_rubbing_out(editor: Editor) -> None:
    editor.insert("!")
    editor.insert("?")
    editor.backspace()
    assert editor.document.text == "f('👻')!\nf(x)\n"
    assert editor.document.version == 3


def test_positions_go_out_as_utf_16(editor: Editor, client: Client) -> None:
    editor.insert("!")
    sent = client.next_notification("changed")
    place = {"line": 0, "character": 7}
    assert sent["contentChanges"] == [{"range": {"start": place, "end": place}, "text": "!"}]
    assert sent["textDocument"]["version"] == 1


def test_a_file_is_left_and_found_again(editor: Editor) -> None:
    cursor = editor.cursor
    editor.visit("b.ts")
    assert editor.cursor == len("let b;\n")
    editor.visit("a.py")
    assert editor.cursor == cursor


def test_undo_takes_back_what_came_after_the_mark(editor: Editor, client: Client) -> None:
    before, cursor = editor.document.text, editor.cursor
    editor.mark()
    for key in "\n", "x", "y":
        editor.insert(key)
    editor.visit("b.ts")
    editor.undo()
    assert (editor.name, editor.document.text, editor.cursor) == ("a.py", before, cursor)
    changes = [client.next_notification("changed") for _ in range(4)]
    assert changes[-1]["contentChanges"][0]["text"] == ""


def test_a_place_has_to_be_unique(editor: Editor) -> None:
    with pytest.raises(SessionError, match="2 times"):
        editor.find("f(")
    with pytest.raises(SessionError, match="0 times"):
        editor.find("g(")


@pytest.mark.parametrize(
    ("reply", "ghost"),
    [
        (None, ""),
        ({"items": []}, ""),
        (item(" + 1"), " + 1"),
        ([{"insertText": " + 1"}], " + 1"),
        (item("f('👻') + 1", 0, 7), " + 1"),
        (item("g('👻') + 1", 0, 7), ""),
    ],
)
def test_ghost_text_is_what_would_be_added(editor: Editor, reply: Any, ghost: str) -> None:
    assert editor.ghost(reply) == ghost
    assert editor.accept(reply) == ghost
    assert editor.document.text == f"f('👻'){ghost}\nf(x)\n"


def test_tab_replaces_the_rest_of_the_line_where_the_item_says_so(editor: Editor) -> None:
    editor.find("f('👻'")
    assert editor.accept(item(", 1)", 6, 7)) == ", 1)"
    assert editor.document.text == "f('👻', 1)\nf(x)\n"
    assert editor.cursor == len("f('👻', 1)")
