from __future__ import annotations

from typing import Any

import pytest

from lsp_server.client import Client, read_client
from text.positions import Encoding


def test_an_editor_that_tells_all() -> None:
    params = {
        "processId": 5,
        "clientInfo": {"name": "Neovim", "version": "0.12"},
        "rootUri": "file:///old",
        "workspaceFolders": [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b", "name": "b"}],
        "initializationOptions": {"maxLines": 1},
        "capabilities": {
            "general": {"positionEncodings": ["utf-8"]},
            "textDocument": {
                "inlineCompletion": {},
                "completion": {"completionItem": {"insertTextModeSupport": {"valueSet": [1]}}},
                "codeAction": {
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
                    "resolveSupport": {"properties": ["edit", "command"]},
                },
            },
            "window": {"workDoneProgress": True, "showDocument": {"support": True}},
            "workspace": {
                "applyEdit": True,
                "configuration": True,
                "didChangeConfiguration": {"dynamicRegistration": True},
                "textDocumentContent": {},
                "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
            },
        },
    }
    assert read_client(params) == Client(
        name="Neovim",
        process_id=5,
        encoding=Encoding.UTF8,
        roots=("file:///a", "file:///b"),
        options={"maxLines": 1},
        inline_completion=True,
        progress=True,
        pulls_configuration=True,
        registers_configuration=True,
        adjusts_indentation=True,
        code_actions=True,
        resolves_edits=True,
        applies_edits=True,
        document_changes=True,
        change_annotations=True,
        shows_documents=True,
        virtual_documents=True,
    )


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"processId": None, "rootUri": None, "workspaceFolders": None, "capabilities": None},
        {"processId": "5", "clientInfo": "Neovim", "workspaceFolders": {}, "capabilities": []},
        {"processId": -1, "clientInfo": {}, "workspaceFolders": [], "capabilities": {"window": True}},
        {"capabilities": {"textDocument": {"codeAction": {"resolveSupport": {"properties": "edit"}}}}},
        {"processId": True, "workspaceFolders": [5, {"uri": 5}, {}], "capabilities": {"general": {}}},
        {
            "capabilities": {
                "general": {"positionEncodings": [5, None, {}]},
                "workspace": {"configuration": 1},
            }
        },
    ],
)
def test_what_is_missing_or_misspelt_is_not_there(params: Any) -> None:
    assert read_client(params) == Client()


def test_older_clients_name_one_folder() -> None:
    assert read_client({"rootUri": "file:///a"}).roots == ("file:///a",)
