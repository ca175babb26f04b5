from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bench.client import Client, server_environment
from bench.editor import Editor
from bench.session import load, unpack
from lsp_server.cli.demo import SESSION
from lsp_server.demo.moment import Hit, Moment
from lsp_server.demo.picture import GONE, NEW, change
from lsp_server.demo.screen import LINES, Screen, sparkline
from lsp_server.demo.tally import Tally
from tests.support import scripted_server
from text.document import Document
from text.edits import Edit


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    root = unpack(SESSION, load(SESSION), tmp_path)
    with Client(scripted_server.command({}), env=server_environment()) as client:
        client.initialize(root)
        editor = Editor(client, root)
        editor.visit("cart.ts")
        editor.find("private items")
        yield editor


def shown(editor: Editor, *moments: Moment) -> str:
    """What stands on a screen after the last of the moments."""
    console = Console(record=True, force_terminal=True, width=110, height=40)
    with Screen(console, editor, Tally(), model="a-model", speed=0) as screen:
        for moment in moments:
            screen.show(moment)
    return console.export_text()


def test_ghost_text_stands_at_the_cursor(editor: Editor) -> None:
    key = Moment("key", "s", ghost=": GhostType", ms=123.4, wanted=True)
    text = shown(editor, Moment("act", "An act"), Moment("step", "A title"), key)
    assert "private items: GhostType: CartItem[]" in text
    assert "123 ms from the model" in text
    assert "An act" in text
    assert "A title" in text
    assert "cart.ts" in text
    assert "Tab" in text
    assert len(text.splitlines()) >= LINES


def test_a_next_edit_shows_what_goes_and_what_comes(editor: Editor) -> None:
    edit = Edit(editor.cursor - len("items"), editor.cursor, "lines")
    text = shown(editor, Moment("jump", "cart.ts:9", ms=7, edits=(edit,)))
    assert "private itemslines: CartItem[]" in text
    assert "7 ms next edit at cart.ts:9: jump" in text
    assert "Tab" in text
    assert "9 ms next edit, by itself" in shown(editor, Moment("next", "cart.ts", ms=9, edits=(edit,)))


def test_what_goes_is_struck_through_and_what_comes_is_green() -> None:
    document = Document.create("file:///a.py", "total = price\nother = price\n", 0, "python")
    picture = change(document, [Edit(8, len(document), "cost\nother = cost\n")])
    assert picture.plain == "total = pricecost\nother = pricecost\n"
    styled = [(picture.plain[span.start : span.end], span.style) for span in picture.spans]
    assert styled.count(("price", GONE)) == 2
    assert styled.count(("cost", NEW)) == 2


def test_a_refusal_and_the_answers_to_a_question_are_told(editor: Editor) -> None:
    text = shown(editor, Moment("sketch", "lines: Line[]\n"), Moment("refused", "It fits twice.", ms=3))
    assert "lines: Line[]" in text
    assert "Refused. It fits twice." in text
    assert "3 ms refused" in text
    hit = Hit("cart.ts", 12, "Cart.add", "add(item: CartItem): void {")
    text = shown(editor, Moment("found", "where?", ms=2, hits=(hit,)))
    assert "cart.ts:12  Cart.add" in text
    assert "add(item: CartItem): void {" in text
    assert "Nothing was found" in shown(editor, Moment("found", "where?"))


def test_a_sparkline_reaches_its_top_at_the_limit() -> None:
    assert sparkline([0, 150, 300, 900]) == "▁▄██"
