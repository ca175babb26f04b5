"""Files that use a name, and those that mean another one by it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from retrieval import mentions
from retrieval.search import Searcher
from retrieval.store import Store
from retrieval.sync import Syncer

SHOP = "def load_stock(path):\n    return path\n"
TILL = "from shop import load_stock\n\n\ndef count(path):\n    return len(load_stock(path))\n"


def check(tmp_path: Path, files: Mapping[str, str], path: str, name: str) -> dict[str, str]:
    """The files beside `path` that use `name`."""
    root = tmp_path / "files"
    for each, text in files.items():
        (root / each).parent.mkdir(parents=True, exist_ok=True)
        (root / each).write_text(text)
    store = Store.open(tmp_path / "index.db")
    with Syncer(store, root) as syncer:
        syncer.sync()
        searcher = Searcher(store, syncer.view)
    found = searcher.mentions(path, name, lambda path: (root / path).read_text())
    store.close()
    return {each.path: each.text for each in found}


def test_a_file_that_uses_the_very_name_is_found(tmp_path: Path) -> None:
    files = {
        "shop.py": SHOP,
        "till.py": TILL,
        "other.py": "def load():\n    stock = load_stocks()\n",  # all of its words, but not the name
        "page.ts": "export const stock = load_stock;\n",  # another language
    }
    assert check(tmp_path, files, "shop.py", "load_stock") == {"till.py": TILL}


def test_a_name_of_one_word(tmp_path: Path) -> None:
    files = {
        "shop.py": "class Item:\n    pass\n",
        "till.py": "from shop import Item\n",
        "a.py": "items = []\n",
    }
    assert list(check(tmp_path, files, "shop.py", "Item")) == ["till.py"]


def test_it_is_not_guessed_which_of_two_definitions_is_meant(tmp_path: Path) -> None:
    another = {"store.py": "class Store:\n    def load_stock(self):\n        return 1\n"}
    assert not check(tmp_path, {"shop.py": SHOP, "till.py": TILL, **another}, "shop.py", "load_stock")


def test_a_name_that_very_many_use_is_left_alone(tmp_path: Path) -> None:
    files = {f"till{n}.py": TILL for n in range(mentions.FILES + 1)}
    assert not check(tmp_path, {"shop.py": SHOP, **files}, "shop.py", "load_stock")


def test_a_name_without_letters_finds_nothing(tmp_path: Path) -> None:
    assert not check(tmp_path, {"shop.py": SHOP}, "shop.py", "___")
