"""What the code action menu offers for sketches, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.envelope import Code
from tests.lsp_server.applying import AMBIGUOUS, BOTH, FIRST, SHAPES, TWICE, TWO_PARTS, Editor, fence
from tests.lsp_server.connection import RequestFailed


def test_an_action_is_a_title_until_it_is_resolved(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES, version=7)
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    action = editor.actions(notes, 4)[0]
    assert action["title"] == "Apply this sketch to shapes.py"
    assert action["kind"] == "refactor.rewrite"
    assert action.keys() == {"title", "kind", "data"}
    resolved = editor.connection.request("codeAction/resolve", action)
    assert resolved.items() >= action.items()
    change = resolved["edit"]["documentChanges"][0]
    assert change["textDocument"] == {"uri": target, "version": 7}
    # The least that changes, and no line that stays.
    assert [each["newText"] for each in change["edits"]] == ["abs(", ")", "abs(", ")"]
    editor.make(resolved["edit"])
    assert editor.texts[target] == BOTH


def test_one_part_of_two_and_then_the_rest(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    assert [each for each in editor.titles(notes, 4) if "part" in each] == [
        "Apply only line 2 in area of shapes.py (part 1 of 2)",
        "Apply only line 10 in volume of shapes.py (part 2 of 2)",
    ]
    editor.choose(notes, 4, "Apply only line 2")
    assert editor.texts[target] == FIRST
    editor.open("shapes.py", FIRST, version=1)
    assert not [each for each in editor.titles(notes, 4) if "part" in each]
    editor.choose(notes, 4, "Apply this sketch")
    assert editor.texts[target] == BOTH


def test_a_part_that_breaks_the_file_alone_is_refused(editor: Editor) -> None:
    old = "value = [\n" + "".join(f"    {n},\n" for n in range(30)) + "]\n"
    editor.open("list.py", old)
    notes = editor.open(
        "notes.md", fence(old.replace("[", "(").replace("]", ")"), "python list.py"), "markdown"
    )
    action = next(each for each in editor.actions(notes, 4) if "part 1 of 2" in each["title"])
    with pytest.raises(RequestFailed, match="syntax errors without the others"):
        editor.connection.request("codeAction/resolve", action)
    editor.choose(notes, 4, "Apply this")
    assert editor.texts[(editor.root / "list.py").as_uri()].startswith("value = (\n")


def test_there_is_nothing_to_do_outside_of_sketches(editor: Editor) -> None:
    notes = editor.open("notes.md", fence(TWO_PARTS) + "\ntext\n\n```sh\nls\n```\n", "markdown")
    assert editor.titles(notes, 0) == []
    assert editor.titles(notes, 15) == []
    assert editor.titles(editor.open("shapes.py", SHAPES), 1) == []
    assert editor.actions(notes, 4, only=["quickfix"]) == []
    assert editor.actions(notes, 4, only=["refactor"])
    unknown = editor.open("other.md", fence(TWO_PARTS, "python nowhere.py"), "markdown")
    assert editor.titles(unknown, 4) == []


def test_a_sketch_that_names_no_file_is_offered_for_those_that_fit(editor: Editor) -> None:
    notes = editor.open("notes.md", fence(TWO_PARTS, "python"), "markdown")
    assert editor.titles(notes, 4) == []
    editor.open("shapes.py", "def other(): ...\n")
    assert "Apply this sketch to shapes.py" in editor.titles(notes, 4)
    editor.open("more.py", SHAPES)
    editor.open("copy.py", SHAPES)
    editor.open("shapes.go", SHAPES, "go")
    titles = [each for each in editor.titles(notes, 4) if each.startswith("Apply")]
    assert titles == ["Apply this sketch to more.py", "Apply this sketch to copy.py"]


@pytest.mark.parametrize(
    "text",
    [
        fence(TWO_PARTS, "python title=lib/shapes.py"),
        f"In `lib/shapes.py`:\n```python\n{TWO_PARTS}```\n",
        fence(f"# lib/shapes.py\n{TWO_PARTS}", "python"),
        fence(f"# File: shapes.py\n{TWO_PARTS}", "python"),
        fence(TWO_PARTS, "python work/lib/shapes.py"),
        fence(TWO_PARTS, "python ./lib/shapes.py").replace("\n", "\r\n"),
    ],
)
def test_the_file_is_found_by_what_people_write(editor: Editor, text: str) -> None:
    (editor.root / "shapes.py").unlink()
    target = editor.write("lib/shapes.py", SHAPES)
    notes = editor.open("notes.md", text, "markdown")
    editor.choose(notes, 4, "Apply this sketch to lib/shapes.py")
    assert editor.texts[target.as_uri()] == BOTH
    assert editor.edits[0]["documentChanges"][0]["textDocument"]["version"] is None


def test_a_first_line_that_the_file_has_is_no_header(editor: Editor) -> None:
    target = editor.open("shapes.py", "# shapes.py\n" + SHAPES)
    notes = editor.open("notes.md", fence("# shapes.py\n" + BOTH, "python"), "markdown")
    editor.choose(notes, 4, "Apply this")
    assert editor.texts[target] == "# shapes.py\n" + BOTH


def test_all_sketches_of_a_document_are_one_transaction(editor: Editor) -> None:
    editor.write("more.py", "def half(x):\n    return x / 2\n")
    more = fence("def half(x):\n    return x // 2\n", "python more.py")
    notes = editor.open("notes.md", fence(TWO_PARTS) + more + "```sh\nls\n```\n", "markdown")
    editor.choose(notes, 4, "Apply all 2 sketches of this document to shapes.py, more.py")
    assert len(editor.edits) == 1
    assert editor.text((editor.root / "more.py").as_uri()) == "def half(x):\n    return x // 2\n"
    assert editor.text((editor.root / "shapes.py").as_uri()) == BOTH


def test_a_refusal_is_an_error_with_the_places(editor: Editor) -> None:
    editor.write("twice.py", TWICE)
    notes = editor.open("notes.md", fence(AMBIGUOUS, "python twice.py"), "markdown")
    action = editor.actions(notes, 4)[0]
    with pytest.raises(RequestFailed, match=r"twice.py: .* line 2 or .* line 7") as error:
        editor.connection.request("codeAction/resolve", action)
    assert error.value.code == Code.REQUEST_FAILED


def test_a_document_that_has_changed_since_is_not_trusted(editor: Editor) -> None:
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    whole, part = (editor.actions(notes, 4)[at] for at in (0, 1))
    editor.write("shapes.py", SHAPES.replace("4 * width", "width * 4"))
    with pytest.raises(RequestFailed, match="changed since") as error:
        editor.connection.request("codeAction/resolve", part)
    assert error.value.code == Code.CONTENT_MODIFIED
    editor.connection.request("codeAction/resolve", whole)
    start = {"line": 0, "character": 0}
    editor.connection.change(notes, 1, {"range": {"start": start, "end": start}, "text": "\n"})
    with pytest.raises(RequestFailed, match="changed since"):
        editor.connection.request("codeAction/resolve", whole)


@pytest.mark.parametrize(
    "data", [5, {"lines": "x"}, {"document": "file:///none"}, {}, {"hunk": 9, "sketch": ""}]
)
def test_the_data_of_an_action_is_not_trusted(editor: Editor, data: Any) -> None:
    with pytest.raises(RequestFailed):
        editor.connection.request("codeAction/resolve", {"title": "x", "data": data})
    other = {"title": "another server's", "command": {"title": "x", "command": "y"}}
    assert editor.connection.request("codeAction/resolve", other) == other
