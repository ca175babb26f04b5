"""The Merkle tree against a plain dictionary, and that differences are found without looking elsewhere."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.merkle import Difference, Leaf, Tree, build, diff

NAMES = st.sampled_from(["a", "b", "c", "é", "a.py", " "])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
LEAVES = st.builds(Leaf, st.integers(0, 3).map(lambda n: bytes([n]) * 16), st.sampled_from([b"", b"1", b"2"]))
CHANGES = st.dictionaries(PATHS, st.one_of(st.none(), LEAVES), max_size=12)


def changed(files: dict[str, Leaf], changes: dict[str, Leaf | None]) -> dict[str, Leaf]:
    """What a dictionary makes of it; a file and a folder of one name cannot be together."""
    for path, leaf in sorted(changes.items(), key=lambda each: each[0].count("/")):
        if leaf is None:
            files.pop(path, None)
        else:
            parents = {path[:at] for at, char in enumerate(path) if char == "/"}
            files = {
                other: each
                for other, each in files.items()
                if other not in parents and not other.startswith(path + "/")
            }
            files[path] = leaf
    return files


def without_clashes(changes: dict[str, Leaf | None]) -> dict[str, Leaf | None]:
    """Changes in which no file is to be a folder as well."""
    parents = {path[:at] for path, leaf in changes.items() for at, char in enumerate(path) if char == "/"}
    return {path: leaf for path, leaf in changes.items() if path not in parents}


@given(st.lists(CHANGES, max_size=5))
def test_like_a_dictionary(steps: list[dict[str, Leaf | None]]) -> None:
    tree, files = Tree(), dict[str, Leaf]()
    for step in map(without_clashes, steps):
        before, old = tree, dict(files)
        tree, files = tree.with_changes(step), changed(files, step)
        tree.check()
        assert dict(tree.below("")) == files
        assert len(tree) == len(files)
        assert tree.hash == build(files.items()).hash
        assert all(tree.get(path) == leaf for path, leaf in files.items())
        again = Tree.from_bytes(tree.to_bytes())
        again.check()
        assert dict(again.below("")) == files
        assert list(diff(tree, again, notes=True)) == []
        expected = {
            Difference(path, old.get(path), files.get(path))
            for path in old.keys() | files.keys()
            if old.get(path) != files.get(path)
        }
        assert set(diff(before, tree, notes=True)) == expected
        assert set(diff(before, tree)) == {
            each
            for each in expected
            if not (each.before and each.after and each.before.hash == each.after.hash)
        }


def test_the_hash_tells_names_and_places_apart() -> None:
    leaf = Leaf(b"1" * 16, b"")
    trees = [{"a": leaf}, {"b": leaf}, {"a/a": leaf}, {"a/b": leaf}, {"a": leaf, "b": leaf}, {"ab": leaf}, {}]
    assert len({build(each.items()).hash for each in trees}) == len(trees)


class Sealed(Tree):
    """A node that cannot be looked into."""

    def __init__(self, hash: bytes) -> None:
        self.__dict__["hash"] = hash

    def __getattribute__(self, name: str) -> object:
        assert name != "entries", "this node was looked into"
        return super().__getattribute__(name)


def test_a_diff_looks_only_into_nodes_that_differ() -> None:
    chance = random.Random(1)
    files = {f"{n % 10}/{n % 100}/{n}.py": Leaf(chance.randbytes(16), b"") for n in range(10_000)}
    before = build(files.items())
    after = before.with_changes({"3/33/33.py": Leaf(b"x" * 16, b""), "3/new.py": Leaf(b"y" * 16, b"")})
    sealed = [
        Tree({name: each if name == "3" else Sealed(each.hash) for name, each in tree.entries.items()})
        for tree in (before, after)
    ]
    assert sealed[0].hash == before.hash
    assert sorted(each.path for each in diff(sealed[0], sealed[1])) == ["3/33/33.py", "3/new.py"]


def test_what_is_no_tree() -> None:
    for data in (
        b"",
        b"merkle-0\n\x80",
        b"merkle-1\n",
        b"merkle-1\n\xc1",
        b"merkle-1\n\x01",
        b"merkle-1\n\x81\xa1a\x01",
    ):
        with pytest.raises(ValueError, match="no tree"):
            Tree.from_bytes(data)
