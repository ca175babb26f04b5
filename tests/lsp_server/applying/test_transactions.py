"""Several files, or several sketches of one: all or none."""

from __future__ import annotations

from tests.lsp_server.applying import AMBIGUOUS, BOTH, SHAPES, TWICE, TWO_PARTS, Editor, fence


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
