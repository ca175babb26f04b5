"""Definitions of other files: those that are meant, without bodies, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from retrieval.excerpts import Wish
from retrieval.search import Searcher
from retrieval.store import Store
from retrieval.sync import Syncer

SHAPES = '''\
class Circle:
    """A round thing."""

    radius: float = 1.0

    def __init__(self, radius):
        self.radius = radius

    def area(self):
        """How much it covers."""
        return 3 * self.radius**2

    def _secret(self):
        pass


def area_of(shape, unit="m"):
    """The same of any shape."""
    return shape.area()
'''


def check(
    tmp_path: Path, files: Mapping[str, str], path: str, names: str, imported: str = ""
) -> dict[str, str]:
    """What is shown in `path` of which files, for `names` near the cursor."""
    root = tmp_path / "files"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    store = Store.open(tmp_path / "index.db")
    with Syncer(store, root) as syncer:
        syncer.sync()
        searcher = Searcher(store, syncer.view)
    wish = Wish(path, dict.fromkeys(names.split(), 1.0), frozenset(imported.split()))
    found = searcher.excerpts(wish, lambda path: (root / path).read_text())
    store.close()
    return {each.path: each.text for each in found}


def test_a_class_is_its_fields_and_public_methods(tmp_path: Path) -> None:
    shown = check(tmp_path, {"shapes.py": SHAPES}, "main.py", "Circle", "shapes Circle")
    assert shown == {
        "shapes.py": "class Circle:\n    radius: float = 1.0\n"
        "    def __init__(self, radius)\n    def area(self)"
    }


def test_a_function_is_its_signature(tmp_path: Path) -> None:
    shown = check(tmp_path, {"shapes.py": SHAPES}, "main.py", "area_of", "shapes")
    assert shown == {"shapes.py": 'def area_of(shape, unit="m")'}


def test_an_interface_is_its_members(tmp_path: Path) -> None:
    files = {"src/types.ts": "/** A shape. */\nexport interface Shape {\n  // metres\n  radius: number;\n}\n"}
    shown = check(tmp_path, files, "src/main.ts", "Shape", "Shape types")
    assert shown == {"src/types.ts": "export interface Shape {\n  radius: number;\n}"}


def test_a_name_that_is_not_imported_means_nothing(tmp_path: Path) -> None:
    assert check(tmp_path, {"far/shapes.py": SHAPES}, "main.py", "Circle area_of") == {}


def test_what_is_imported_goes_before_what_is_called_the_same(tmp_path: Path) -> None:
    files = {"shapes.py": SHAPES, "other/things.py": "def area_of(thing): ...\n"}
    shown = check(tmp_path, files, "main.py", "area_of", "things area_of")
    assert list(shown) == ["other/things.py"]


def test_a_go_file_sees_its_package(tmp_path: Path) -> None:
    files = {"net/dial.go": "package net\n\nfunc Dial(host string) error {\n\treturn nil\n}\n"}
    assert check(tmp_path, files, "net/main.go", "Dial") == {"net/dial.go": "func Dial(host string) error"}


def test_other_languages_and_the_file_itself_are_left_out(tmp_path: Path) -> None:
    files = {"main.py": SHAPES, "shapes.js": "function area_of(shape) {\n  return 1;\n}\n"}
    assert check(tmp_path, files, "main.py", "area_of", "shapes area_of") == {}


def test_no_secret_is_shown(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    text = f'class Circle:\n    key = "{key}"\n\n    def area(self):\n        return 1\n'
    assert check(tmp_path, {"shapes.py": text}, "main.py", "Circle", "shapes Circle") == {}


def test_a_file_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    place = tmp_path / "files" / "shapes.py"
    place.write_text(SHAPES)
    store = Store.open(tmp_path / "index.db")
    with Syncer(store, tmp_path / "files") as syncer:
        syncer.sync()
        searcher = Searcher(store, syncer.view)
    place.unlink()
    assert searcher.excerpts(Wish("main.py", {"Circle": 1.0}, frozenset(["Circle"])), lambda path: None) == []
    store.close()
