"""Next edits in editors that show none: by command and by code action."""

from __future__ import annotations

from typing import Any

from tests.lsp_server.connection import Connection
from tests.lsp_server.next_edits.support import URI, Editor, commands, events, rename


def test_the_command_jumps_and_then_applies(client: Connection) -> None:
    jumps: list[Any] = []
    edits: list[Any] = []

    def jump(params: Any) -> Any:
        jumps.append(params)
        return {"success": True}

    def apply(params: Any) -> Any:
        edits.append(params)
        return {"applied": True}

    client.answers["window/showDocument"], client.answers["workspace/applyEdit"] = jump, apply
    editor = rename(client)
    assert commands(client, "tacit.nextEdit")["done"] == "jumped"
    assert jumps[0]["uri"] == URI
    assert jumps[0]["selection"]["start"]["line"] == 1
    assert commands(client, "tacit.nextEdit")["done"] == "applied"
    change = edits[0]["edit"]["documentChanges"][0]
    assert change["textDocument"] == {"uri": URI, "version": 1}
    made = change["edits"][0]
    editor.put(editor.offset(made["range"]["start"]), editor.offset(made["range"]["end"]), made["newText"])
    assert "return count * 3" in editor.text
    assert list(events(client).values()) == ["accepted"]


def test_jumping_alone_and_the_last_one_again(client: Connection) -> None:
    client.answers["window/showDocument"] = lambda _: {"success": True}
    editor = rename(client)
    assert commands(client, "tacit.showLast") == {"edits": []}
    assert commands(client, "tacit.jumpNext")["done"] == "jumped"
    edit = editor.ask()
    commands(client, "tacit.rejectNextEdit")
    again = commands(client, "tacit.showLast")["edits"][0]
    assert again["range"] == edit["range"]
    assert editor.ask()["range"] == edit["range"]


def test_a_place_without_a_text_is_jumped_to_and_never_sent_as_an_edit(client: Connection) -> None:
    jumps: list[Any] = []

    def jump(params: Any) -> Any:
        jumps.append(params["selection"]["start"]["line"])
        return {"success": True}

    client.answers["window/showDocument"] = jump
    text = "def load(path):\n    return read(path)\n\n\ncheck(sum(load_all('x'), key=limit))\n"
    editor = Editor(client, text)
    at = text.index("    return")
    editor.put(at, at, "    limit = 3\n")
    assert commands(client, "tacit.jumpNext") == {"done": "jumped", "edits": []}
    assert jumps == [5]
    # Who asks for an edit gets a text, however unlikely.
    assert editor.ask(context={"triggerKind": 1})["text"].strip()


def test_nothing_to_jump_to_is_told(client: Connection) -> None:
    Editor(client)
    assert commands(client, "tacit.nextEdit", {"uri": URI}) == {"done": "nothing", "edits": []}
    assert any("Nothing was changed" in message for message in client.messages())


def test_a_code_action_where_there_is_nothing_better(client: Connection) -> None:
    editor = rename(client)
    place = editor.place(0)
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], "triggerKind": 1},
    }
    action = client.request("textDocument/codeAction", params)[0]
    assert action["title"] == "Next edit: line 2"
    assert action["edit"]["documentChanges"][0]["edits"]
    assert action["command"]["command"] == "tacit.acceptNextEdit"
    client.notify("workspace/executeCommand", {"command": "tacit.acceptNextEdit", "arguments": ["unknown"]})
    client.synchronise()
