"""A sketch in the editor: by code action and by command, exactly, or not at all and with the reason."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apply.apply import apply_blocks
from lsp_server.applying import actions
from lsp_server.envelope import Code
from tests.lsp_server.applying import BOTH, EDITOR, FIRST, SHAPES, TWO_PARTS, Editor, fence
from tests.lsp_server.connection import Connection, RequestFailed, connected
from tests.support.scripted import ScriptedModel

AMBIGUOUS = "def f(self):\n    return 2\n"
TWICE = "class A:\n    def f(self):\n        return 1\n\n\nclass B:\n    def f(self):\n        return 1\n"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine too, a menu tells the parts of a change."""
    monkeypatch.setattr(actions, "PATIENCE_S", 20)


@pytest.fixture
def connection(scripted_model: ScriptedModel) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        yield connection


@pytest.fixture
def editor(connection: Connection, tmp_path: Path) -> Editor:
    root = tmp_path / "work"
    root.mkdir()
    editor = Editor(connection, root).start()
    editor.write("shapes.py", SHAPES)
    return editor


def refused(editor: Editor, **argument: Any) -> RequestFailed:
    """The error that a command ends with; nothing may have been changed."""
    with pytest.raises(RequestFailed) as error:
        editor.command("tacit.apply", **argument)
    assert not editor.edits
    assert error.value.code != Code.INTERNAL_ERROR
    return error.value


# Code actions


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


# Editors that can do less, or more


def started(connection: Connection, root: Path, capabilities: Any, **more: Any) -> Editor:
    editor = Editor(connection, root, capabilities, **more).start()
    editor.write("shapes.py", SHAPES)
    return editor


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


# The command


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


# All or none


def test_one_refusal_keeps_all_files_as_they_are(editor: Editor) -> None:
    editor.write("twice.py", TWICE)
    answer = fence(TWO_PARTS) + fence(AMBIGUOUS, "python twice.py") + fence("x = 1\n", "python none.py")
    id = editor.connection.start(
        "workspace/executeCommand", {"command": "tacit.apply", "arguments": [{"sketch": answer}]}
    )
    error = editor.connection.reply(id)["error"]
    assert not editor.edits
    reasons = {each["file"]: each for each in error["data"]["refused"]}
    assert reasons.keys() == {"twice.py", "none.py"}
    assert reasons["twice.py"]["lines"] == [1, 6]
    assert reasons["twice.py"]["reason"] in error["message"]
    assert "no such file" in error["message"]


def test_several_sketches_of_one_file_follow_each_other(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    first = "def edge(width):\n    return 5 * width\n"
    answer = fence(TWO_PARTS) + fence(first, "python ./shapes.py")
    editor.command("tacit.apply", sketch=answer)
    assert len(editor.edits[0]["documentChanges"]) == 1
    assert editor.texts[target] == BOTH.replace("4 * width", "5 * width")


# The boundary of the workspace


def test_files_outside_of_the_workspace_stay_unread(editor: Editor) -> None:
    outside = editor.root.parent / "outside.py"
    outside.write_text(SHAPES)
    (editor.root / "link.py").symlink_to(outside)
    (editor.root / "folder").symlink_to(editor.root.parent)
    for name in ("../outside.py", str(outside), outside.as_uri(), "link.py", "folder/outside.py"):
        assert "outside of the workspace" in str(refused(editor, sketch=TWO_PARTS, uri=_uri(editor, name)))
        assert "no such file" in str(refused(editor, sketch=fence(TWO_PARTS, f"python {name}/none.py")))
    assert "outside of the workspace" in str(refused(editor, sketch=fence(TWO_PARTS, "python ../outside.py")))
    opened = editor.open(outside.as_uri(), SHAPES)
    assert "outside of the workspace" in str(refused(editor, sketch=TWO_PARTS, uri=opened))


def _uri(editor: Editor, name: str) -> str:
    return name if name.startswith("file:") else f"file://{os.path.join(editor.root, name)}"


def test_a_link_within_the_workspace_is_the_file_it_leads_to(editor: Editor) -> None:
    target = editor.open("shapes.py", SHAPES)
    (editor.root / "link.py").symlink_to("shapes.py")
    editor.command("tacit.apply", sketch=fence(TWO_PARTS, "python link.py"))
    assert editor.texts[target] == BOTH


def test_secrets_read_only_files_and_what_is_no_text_are_refused(editor: Editor) -> None:
    editor.write(".env", "TOKEN=1\n")
    (editor.root / "harmless.txt").symlink_to(".env")
    editor.write("fixed.py", SHAPES).chmod(0o444)
    editor.write("latin.py", SHAPES.encode() + b"# caf\xe9\n")
    editor.write("data.py", SHAPES.encode() + b"\0")
    os.mkfifo(editor.root / "pipe.py")
    for name, reason in [
        (".env", "may hold secrets"),
        ("harmless.txt", "may hold secrets"),
        ("fixed.py", "read-only"),
        ("latin.py", "not in UTF-8"),
        ("data.py", "no text"),
        ("pipe.py", "no regular file"),
        ("none.py", "no such file"),
    ]:
        assert reason in str(refused(editor, sketch=TWO_PARTS, uri=_uri(editor, name)))


@pytest.mark.parametrize(
    "name",
    ["a\0b.py", "x" * 5000 + ".py", "loop.py", "/", "..", "//h/s.py", "~/x.py", "é\ud800.py", "C:\\x.py"],
)
def test_names_that_lead_nowhere_are_refused(editor: Editor, name: str) -> None:
    (editor.root / "loop.py").symlink_to("loop.py")
    refused(editor, sketch=fence(TWO_PARTS, f'python title="{name}"'))
    refused(editor, sketch=TWO_PARTS, uri=f"file://{editor.root}/{name}")
    refused(editor, sketch=TWO_PARTS, uri=f"file:{name}")
    refused(editor, sketch=TWO_PARTS, uri=name)


def test_without_workspace_folders_the_documents_folder_is_the_workspace(
    connection: Connection, tmp_path: Path
) -> None:
    editor = started(connection, tmp_path, EDITOR, rootUri=None)
    notes = editor.open("notes.md", fence(TWO_PARTS), "markdown")
    editor.choose(notes, 4, "Apply this")
    assert editor.text((tmp_path / "shapes.py").as_uri()) == BOTH
    editor.edits.clear()
    assert "outside of the workspace" in str(refused(editor, sketch=TWO_PARTS, uri="file:///etc/hosts"))


# Bytes


@pytest.mark.parametrize("encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode()])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_files_on_disk_keep_their_bytes(editor: Editor, ending: str, encode: Any) -> None:
    old = ('NAME = "é𝒳👩‍👧"  # \u2028 \f\n' + SHAPES).replace("\n", ending)
    target = editor.write("shapes.py", encode(old)).as_uri()
    first = 'NAME = "é𝒳👩‍👧"  # \u2028 \f\n'
    editor.command("tacit.apply", sketch=fence(TWO_PARTS))
    assert editor.texts[target] == (first + BOTH).replace("\n", ending)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_are_in_the_units_that_were_agreed_on(
    encoding: str, connection: Connection, tmp_path: Path
) -> None:
    editor = started(connection, tmp_path, {**EDITOR, "general": {"positionEncodings": [encoding]}})
    old = SHAPES.replace("width * height\n", 'width * height  # "é𝒳👩‍👧"\n')
    target = editor.open("shapes.py", old)
    sketch = TWO_PARTS.replace("abs(width * height)", 'width * height  # "é𝒳👩‍👧", not abs')
    editor.command("tacit.apply", sketch=fence(sketch))
    assert editor.texts[target] == old.replace('👧"\n', '👧", not abs\n').replace(
        "width * height * depth\n", "abs(width * height * depth)\n"
    )


# Meanwhile


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


# Previews


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
