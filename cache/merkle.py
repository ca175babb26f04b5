"""A Merkle tree over a folder of files: equal hashes mean equal content, so only what differs is looked at.

A leaf is a file: the hash of its content, and a note that says how to tell without reading it that it is
still the same. A node's hash is xxh3-128 over its entries in order of their names; notes have no part in it.
Trees are immutable, and a changed tree shares with the old one all that did not change.

On disk: msgpack of {name: [hash, note] or {...}}, in order of names; FORMAT stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec
import xxhash

FORMAT = b"merkle-1\n"


class Leaf(NamedTuple):
    """A file."""

    hash: bytes
    note: bytes  # b"" where only reading it tells


class Difference(NamedTuple):
    """A path whose leaves differ in two trees; None: it is not in that one."""

    path: str
    before: Leaf | None
    after: Leaf | None


class Tree:
    """A folder; no folder in it is empty."""

    __slots__ = ("__dict__", "entries")

    def __init__(self, entries: Mapping[str, Leaf | Tree] | None = None) -> None:
        self.entries: Mapping[str, Leaf | Tree] = entries or {}

    @cached_property
    def hash(self) -> bytes:
        """16 bytes that change whenever a path or the content of a file does."""
        digest = xxhash.xxh3_128()
        for name in sorted(self.entries):
            entry = self.entries[name]
            data = name.encode()
            kind = b"f" if isinstance(entry, Leaf) else b"d"
            digest.update(kind + len(data).to_bytes(4, "little") + data + entry.hash)
        return digest.digest()

    def get(self, path: str) -> Leaf | None:
        """The file at `path`."""
        node: Leaf | Tree | None = self
        for name in path.split("/"):
            if not isinstance(node, Tree):
                return None
            node = node.entries.get(name)
        return node if isinstance(node, Leaf) else None

    def below(self, path: str) -> Iterator[tuple[str, Leaf]]:
        """The file at `path`, or all files in the folder that it is; "" is the whole tree."""
        node: Leaf | Tree | None = self
        for name in path.split("/") if path else ():
            node = node.entries.get(name) if isinstance(node, Tree) else None
        yield from _leaves(node, path)

    @cached_property
    def _count(self) -> int:
        return sum(1 if isinstance(each, Leaf) else each._count for each in self.entries.values())

    def __len__(self) -> int:
        """Files."""
        return self._count

    def with_changes(self, changes: Mapping[str, Leaf | None]) -> Tree:
        """This tree with other files at these paths, None for no file. A file may take a folder's place."""
        here: dict[str, Leaf | None] = {}
        inside: dict[str, dict[str, Leaf | None]] = {}
        for path, leaf in changes.items():
            name, slash, rest = path.partition("/")
            if slash:
                inside.setdefault(name, {})[rest] = leaf
            else:
                here[name] = leaf
        entries = dict(self.entries)
        for name, leaf in here.items():
            if leaf is not None:
                entries[name] = leaf
            elif isinstance(entries.get(name), Leaf):
                del entries[name]
        for name, below in inside.items():
            old = entries.get(name)
            new = (old if isinstance(old, Tree) else _EMPTY).with_changes(below)
            if new.entries:
                entries[name] = new
            elif isinstance(old, Tree):
                del entries[name]
        return Tree(entries)

    def to_bytes(self) -> bytes:
        """The form on disk."""
        return FORMAT + self._packed

    @cached_property
    def _packed(self) -> bytes:
        """Kept for each folder, so that a change costs the folders around it and not the whole tree."""
        return msgspec.msgpack.encode(
            {
                name: msgspec.Raw(entry._packed) if isinstance(entry, Tree) else entry
                for name, entry in sorted(self.entries.items())
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Tree:
        """The tree of `to_bytes`; raises ValueError where it is none."""
        if not data.startswith(FORMAT):
            raise ValueError("this is no tree of this version")
        try:
            return _from_plain(msgspec.msgpack.decode(memoryview(data)[len(FORMAT) :]))
        except (msgspec.DecodeError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"this is no tree: {error}") from error

    def check(self) -> None:
        """Raises AssertionError where the tree is not what it should be."""
        assert self.hash == Tree(self.entries).hash, "a hash is out of date"
        for name, entry in self.entries.items():
            assert name, "an entry without a name"
            assert "/" not in name, f"{name!r} is more than a name"
            if isinstance(entry, Tree):
                assert entry.entries, f"the folder {name} is empty"
                entry.check()
            else:
                assert len(entry.hash) == 16, f"{name} has a hash of {len(entry.hash)} bytes"


_EMPTY = Tree()


def build(leaves: Iterable[tuple[str, Leaf]]) -> Tree:
    """The tree of these files."""
    return Tree().with_changes(dict(leaves))


def diff(before: Tree, after: Tree, notes: bool = False) -> Iterator[Difference]:
    """The paths whose content differs; only nodes with different hashes are looked into.

    With `notes`, a path also differs where its note does; nodes that both trees share are still passed over.
    """
    pending: list[tuple[str, Leaf | Tree | None, Leaf | Tree | None]] = [("", before, after)]
    while pending:
        path, old, new = pending.pop()
        if old is new or (old is not None and new is not None and not notes and _same(old, new)):
            continue
        if isinstance(old, Tree) and isinstance(new, Tree):
            start = path + "/" if path else ""
            names = sorted(old.entries.keys() | new.entries.keys(), reverse=True)
            pending.extend((start + name, old.entries.get(name), new.entries.get(name)) for name in names)
        elif not isinstance(old, Tree) and not isinstance(new, Tree):
            if old != new:
                yield Difference(path, old, new)
        else:  # a file took a folder's place, or the other way round
            yield from (Difference(below, leaf, None) for below, leaf in _leaves(old, path))
            yield from (Difference(below, None, leaf) for below, leaf in _leaves(new, path))


def _same(old: Leaf | Tree, new: Leaf | Tree) -> bool:
    return isinstance(old, Tree) == isinstance(new, Tree) and old.hash == new.hash


def _leaves(node: Leaf | Tree | None, path: str) -> Iterator[tuple[str, Leaf]]:
    if isinstance(node, Leaf):
        yield path, node
    elif node is not None:
        start = path + "/" if path else ""
        for name, entry in node.entries.items():
            yield from _leaves(entry, start + name)


def _from_plain(plain: dict[str, object]) -> Tree:
    return Tree(
        {name: _from_plain(each) if isinstance(each, dict) else Leaf(*each) for name, each in plain.items()}  # type: ignore[misc]
    )
