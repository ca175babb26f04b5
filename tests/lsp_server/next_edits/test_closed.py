"""Next edits of files that are not open, through a real index process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server.next_edits import closed
from lsp_server.workspace_index import host
from tests.lsp_server.connection import Connection, connected
from tests.lsp_server.next_edits.support import EDITOR, Editor
from tests.support.scripted import ScriptedModel

SHOP = "def load_stock(path):\n    return path\n"
TILL = "from shop import load_stock\n\n\ndef count(path):\n    return len(load_stock(path))\n"
OPENING = {**EDITOR, "experimental": {"closedFiles": True}}
PATIENCE_S = 60.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(host, "SETTLING_S", 0.0)
    made = tmp_path / "project"
    made.mkdir()
    (made / "shop.py").write_text(SHOP)
    (made / "till.py").write_text(TILL)
    return made


@pytest.fixture
def client() -> Iterator[Connection]:
    with connected(ScriptedModel({})) as connection:
        yield connection


def begin(client: Connection, folder: Path, capabilities: Any = OPENING, **options: Any) -> Editor:
    """The editor, after the renaming of what shop.py defines."""
    settings = {"budgetMs": 10_000, "cooldownMs": 0, "crossFileEdits": True, **options}
    client.initialize(capabilities=capabilities, options=settings, rootUri=folder.as_uri())
    end = time.monotonic() + PATIENCE_S
    while client.request("tacit/status")["index"]["phase"] != "ready":
        assert time.monotonic() < end, "the index does not come"
        time.sleep(0.05)
    editor = Editor(client, SHOP, (folder / "shop.py").as_uri())
    editor.replace("load_stock", "read_stock")
    return editor


def test_the_place_first_and_the_edit_once_the_file_is_open(client: Connection, folder: Path) -> None:
    shop = begin(client, folder)
    place = shop.ask()
    till = (folder / "till.py").as_uri()
    assert place["textDocument"] == {"uri": till, "version": None}
    assert place["range"]["start"]["line"] == 0
    again = shop.ask()
    assert again["command"]["arguments"] == place["command"]["arguments"]
    opened = Editor(client, TILL, till)
    edit = opened.ask()
    assert edit["textDocument"] == {"uri": till, "version": 0}
    assert (edit["text"], edit["range"]) == (place["text"], place["range"])
    opened.put(opened.offset(edit["range"]["start"]), opened.offset(edit["range"]["end"]), edit["text"])
    assert opened.text.startswith("from shop import read_stock\n")
    follows = opened.ask()
    assert (follows["text"], follows["range"]["start"]["line"]) == ("read_stock", 4)


def test_editors_spell_uris_in_many_ways(client: Connection, folder: Path) -> None:
    place = begin(client, folder).ask()
    other = place["textDocument"]["uri"].replace("till.py", "t%69ll.py")
    edit = Editor(client, TILL, other).ask()
    assert edit["textDocument"] == {"uri": other, "version": 0}
    assert edit["text"] == place["text"]


def test_a_file_that_is_another_now_is_not_edited(client: Connection, folder: Path) -> None:
    shop = begin(client, folder)
    place = shop.ask()
    opened = Editor(client, "# Nothing is left.\n", place["textDocument"]["uri"])
    assert opened.ask() is None


def test_the_server_goes_there_for_editors_that_only_have_commands(client: Connection, folder: Path) -> None:
    shown: list[Any] = []
    edits: list[Any] = []

    def show(params: Any) -> Any:
        shown.append(params)
        return {"success": True}

    def make(params: Any) -> Any:
        edits.append(params)
        return {"applied": True}

    client.answers |= {"window/showDocument": show, "workspace/applyEdit": make}
    begin(client, folder, EDITOR)
    command = {"command": "tacit.nextEdit", "arguments": []}
    assert client.request("workspace/executeCommand", command)["done"] == "jumped"
    assert shown[0]["uri"] == (folder / "till.py").as_uri()
    Editor(client, TILL, shown[0]["uri"])
    assert client.request("workspace/executeCommand", command)["done"] == "applied"
    assert edits[0]["edit"]["documentChanges"][0]["edits"][0]["newText"] == "read_stock"


@pytest.mark.parametrize(
    ("capabilities", "options"),
    [(EDITOR, {}), (OPENING, {"crossFileEdits": False}), (OPENING, {"filesOff": ["till.py"]})],
)
def test_nobody_is_told_who_cannot_show_it_or_does_not_want_it(
    client: Connection, folder: Path, capabilities: Any, options: Any
) -> None:
    assert begin(client, folder, capabilities, **options).ask() is None


def test_more_than_can_be_searched_in_time_is_left_out(
    client: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "long.py").write_text(TILL + "# Much more.\n" * 20)
    monkeypatch.setattr(closed, "MOST", len(TILL) + 10)
    shop = begin(client, folder)
    assert shop.ask()["textDocument"]["uri"] == (folder / "till.py").as_uri()
    Editor(client, TILL, (folder / "till.py").as_uri())
    monkeypatch.setattr(closed, "MOST", 10)
    shop.replace("read_stock", "fetch_stock")
    assert shop.ask()["textDocument"]["version"] is not None


def test_a_use_in_the_document_at_hand_comes_first(client: Connection, folder: Path) -> None:
    text = f"{SHOP}\n\nSTOCK = load_stock('stock.csv')\n"
    (folder / "shop.py").write_text(text)
    client.initialize(
        capabilities=OPENING,
        options={"budgetMs": 10_000, "crossFileEdits": True},
        rootUri=folder.as_uri(),
    )
    shop = Editor(client, text, (folder / "shop.py").as_uri())
    shop.replace("load_stock", "read_stock")
    assert shop.ask()["textDocument"]["uri"] == shop.uri
