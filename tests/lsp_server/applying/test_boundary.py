"""Which files a sketch may change, by the names that people write and by where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lsp_server.applying import BOTH, EDITOR, SHAPES, TWO_PARTS, Editor, fence, refused, started
from tests.lsp_server.connection import Connection


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
