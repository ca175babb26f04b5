"""The demo's acts after the typing, through the real server without a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.client import Client, server_environment
from bench.session import load, unpack
from lsp_server.cli.demo import OPTIONS, SESSION
from lsp_server.demo.hands import ABILITIES, Hands
from lsp_server.demo.moment import Moment
from lsp_server.demo.renaming import play_rename
from lsp_server.demo.script import load as load_script
from lsp_server.demo.searching import play_questions
from lsp_server.demo.sketching import play_sketch
from tests.support import scripted_server

SCRIPT = load_script()


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    root = unpack(SESSION, load(SESSION), tmp_path)
    with Client(
        scripted_server.command({}), env=server_environment(TACIT_CACHE_DIR=str(tmp_path / "cache"))
    ) as client:
        client.initialize(root, capabilities=ABILITIES, options=OPTIONS)
        hands = Hands(client, root)
        for name in ("cart.ts", "test_inventory.py", "product.py", "inventory.py"):
            hands.visit(name)
        yield hands


def kinds(moments: list[Moment]) -> list[str]:
    return [moment.kind for moment in moments if moment.kind != "plain"]


def text_of(hands: Hands, name: str) -> str:
    hands.visit(name)
    return hands.document.text


def test_tab_carries_a_rename_through_the_files(hands: Hands) -> None:
    rename = SCRIPT.rename[0]
    moments = list(play_rename(rename, hands))
    assert kinds(moments)[0] == "step"
    assert kinds(moments).count("made") >= 3
    jumps = [moment.text for moment in moments if moment.kind == "jump"]
    assert any(jump.startswith("test_inventory.py:") for jump in jumps)
    assert "dict[str, Item]" in text_of(hands, "inventory.py")
    assert "from product import Item" in text_of(hands, "test_inventory.py")


def test_what_is_not_the_rename_is_left(hands: Hands) -> None:
    before = text_of(hands, "cart.ts")
    moments = list(play_rename(SCRIPT.rename[0], hands))
    shown = [moment for moment in moments if moment.kind == "next"]
    assert all(moment.wanted for moment in shown[:-1])
    assert text_of(hands, "cart.ts") == before
    assert "class OutOfStock" in text_of(hands, "inventory.py")


def test_a_sketch_becomes_an_exact_edit(hands: Hands) -> None:
    sketch, _ = SCRIPT.sketch
    before = text_of(hands, sketch.file)
    moments = list(play_sketch(sketch, hands))
    assert kinds(moments) == ["step", "sketch", "exact", "applied"]
    guard = "        if name not in self.products:\n            raise OutOfStock(name)\n"
    assert hands.document.text == before.replace("        del self", guard + "        del self")


def test_a_sketch_that_fits_twice_changes_nothing(hands: Hands) -> None:
    _, sketch = SCRIPT.sketch
    before = text_of(hands, sketch.file)
    moments = list(play_sketch(sketch, hands))
    assert kinds(moments) == ["step", "sketch", "refused"]
    assert "both fit as well" in moments[-1].text
    assert hands.document.text == before


def test_what_was_typed_is_found_by_meaning(hands: Hands) -> None:
    hands.find("category] ".strip())
    hands.insert('\n\n    def total_value(self) -> float:\n        """Return what everything is worth."""\n')
    hands.insert("        return 0.0\n")
    moments = list(play_questions(SCRIPT.question, hands))
    found = {moment.text: moment.hits for moment in moments if moment.kind == "found"}
    assert found["how much is everything worth?"][0].name == "Inventory.total_value"
    assert "Inventory.remove" in [hit.name for hit in found["throw something away"]]
    assert found["byCat"][0].name == "Inventory.by_category"
