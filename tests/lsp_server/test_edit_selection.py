"""An instruction by way of an endpoint: what is sent, to whom, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server.envelope import Code
from tests.lsp_server.applying import FIRST, SHAPES, Editor
from tests.lsp_server.chat_server import DONE, ChatServer, chat_server, event
from tests.lsp_server.connection import RequestFailed, connected
from tests.support.scripted import ScriptedModel

ANSWER = "```python\ndef area(width, height):\n    return abs(width * height)\n```\n"
INSTRUCTION = "Areas are never negative."


@pytest.fixture
def endpoint() -> Iterator[ChatServer]:
    with chat_server() as server:
        server.parts = [event(ANSWER[:20]), event(ANSWER[20:]), DONE]
        yield server


@pytest.fixture
def editor(endpoint: ChatServer, tmp_path: Path) -> Iterator[Editor]:
    settings = {"endpoint": endpoint.url, "endpointModel": "big", "filesOff": ["private_*"]}
    with connected(ScriptedModel({})) as connection:
        yield Editor(connection, tmp_path, initializationOptions=settings).start()


def edit(editor: Editor, uri: str, **more: Any) -> Any:
    argument = {"uri": uri, "lines": [0, 1], "instruction": INSTRUCTION, **more}
    return editor.command("tacit.editSelection", **argument)


def refused(editor: Editor, uri: str, **more: Any) -> RequestFailed:
    with pytest.raises(RequestFailed) as error:
        edit(editor, uri, **more)
    assert not editor.edits
    return error.value


def test_the_answer_is_applied_like_any_sketch(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES, version=3)
    assert edit(editor, uri, version=3)["applied"]
    assert editor.text(uri) == FIRST
    ((_, key, body),) = endpoint.asked
    assert key == ""
    said = body["messages"][-1]["content"]
    assert INSTRUCTION in said
    assert "def area(width, height):\n    return width * height\n" in said
    assert str(editor.root) not in said


def test_the_key_is_the_environment_s(
    editor: Editor, endpoint: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TACIT_ENDPOINT_KEY", "abc")
    edit(editor, editor.open("shapes.py", SHAPES))
    assert endpoint.asked[0][1] == "Bearer abc"


def test_without_an_endpoint_nobody_is_asked(endpoint: ChatServer, tmp_path: Path) -> None:
    for settings in ({}, {"endpoint": endpoint.url}, {"endpointModel": "big"}):
        with connected(ScriptedModel({})) as connection:
            editor = Editor(connection, tmp_path, initializationOptions=settings).start()
            error = refused(editor, editor.open("shapes.py", SHAPES))
            assert "No endpoint is set" in str(error)
    assert not endpoint.asked


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (".env", SHAPES, "may hold secrets"),
        ("private_shapes.py", SHAPES, "may hold secrets"),
        ("shapes.py", f'{SHAPES}TOKEN = "ghp_{"a1B2c3D4e5" * 4}"\n', "is a secret near"),
    ],
)
def test_no_secret_leaves(editor: Editor, endpoint: ChatServer, name: str, text: str, reason: str) -> None:
    assert reason in str(refused(editor, editor.open(name, text)))
    assert not endpoint.asked


def test_an_answer_that_fits_nowhere_is_refused(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES)
    for answer in (
        "I am sorry.",
        "```python\nclass Shop:\n    def sell(self, item):\n        pass\n```\n",
        "",
    ):
        endpoint.parts = [event(answer), DONE]
        assert refused(editor, uri).code == Code.REQUEST_FAILED


def test_what_goes_wrong_there_is_told_here(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES)
    endpoint.status = 401
    error = refused(editor, uri)
    assert "401" in str(error)
    assert error.code == Code.REQUEST_FAILED


def test_arguments_that_do_not_fit(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES, version=3)
    assert refused(editor, uri, lines="all").code == Code.INVALID_PARAMS
    assert refused(editor, "file:///nowhere.py").code == Code.INVALID_PARAMS
    assert refused(editor, uri, version=2).code == Code.CONTENT_MODIFIED
    assert not endpoint.asked


def test_lines_beyond_the_end_mean_the_end(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES)
    assert edit(editor, uri, lines=[-5, 10_000])["applied"]
    assert "def volume" in endpoint.asked[0][2]["messages"][-1]["content"]


def test_a_change_meanwhile_is_an_error(editor: Editor, endpoint: ChatServer) -> None:
    uri = editor.open("shapes.py", SHAPES)
    endpoint.parts, endpoint.late_parts = [], [event(ANSWER), DONE]

    def change() -> None:
        params = {"textDocument": {"uri": uri, "version": 1}, "contentChanges": [{"text": f"\n{SHAPES}"}]}
        editor.connection.notify("textDocument/didChange", params)
        editor.connection.request("tacit/status", {})  # by now the change has arrived

    endpoint.meanwhile = change
    assert refused(editor, uri).code == Code.CONTENT_MODIFIED
