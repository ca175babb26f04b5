"""Keeps a view of the index the same as the files on disk.

A pass compares the files' stats with the view's Merkle tree, reads those whose stats differ, and cuts those
whose content is new to the whole index. What has come together is committed about once a second: within one
transaction the changes are put on top of the tree as it is *then*, as another process may have written
meanwhile, the nodes that differ are descended, and the tree comes last. So a view's rows are always those of
its tree, a pass that was interrupted goes on where it was, and search works from the first commit.

A leaf's note is the file's stat, and behind it, for a file that is left out, the reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from cache.merkle import Leaf, Tree, build, diff
from retrieval.chunk import RECIPE, Chunk
from retrieval.content import UNSURE, packed
from retrieval.git import work_tree_around
from retrieval.ignore import GIT, TACIT
from retrieval.parsing import Parsed, Workers
from retrieval.reading import read_all
from retrieval.store import UNTIDY, Store, View
from retrieval.walk import Stat, Walker

log = logging.getLogger("tacit.index")

COMMIT_SECONDS = 1.0
_STAT = len(UNSURE)
_HEADER = f"{RECIPE}\n".encode()


class Report(msgspec.Struct):
    """What a pass has done, in files."""

    files: int = 0  # in the view afterwards, with those that are left out
    read: int = 0  # their stat had changed, or they were new
    cut: int = 0  # their content was new to the index
    removed: int = 0
    lines: int = 0  # in what was cut
    left_out: dict[str, int] = msgspec.field(default_factory=dict)  # of those that were read: reason -> files
    cancelled: bool = False
    seconds: float = 0.0


class _Pending:
    """What has come together since the last commit."""

    def __init__(self) -> None:
        self.changes: dict[str, Leaf | None] = {}
        self.chunks: dict[bytes, list[Chunk]] = {}
        self._since = time.monotonic()

    def add(self, parsed: Parsed, old: Leaf | None) -> None:
        reason: str = parsed.reason
        if parsed.chunks is not None:
            self.chunks[parsed.hash] = parsed.chunks
        elif old is not None and old.hash == parsed.hash:
            reason = _reason(old)
        self.changes[parsed.path] = Leaf(parsed.hash, parsed.note + reason.encode())

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._since > COMMIT_SECONDS


class Syncer:
    """Keeps one workspace folder in step; for one thread at a time. Close it, or use a `with` block."""

    def __init__(self, store: Store, root: Path, *, workers: int = 1) -> None:
        self.store = store
        self._walker = Walker(root)
        self.root = self._walker.root
        self._count = workers
        self._workers: Workers | None = None
        self._view: View | None = None
        self._known_tree: tuple[bytes, Tree] = (b"", Tree())

    def __enter__(self) -> Syncer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    @property
    def view(self) -> View:
        """The view of the branch that is checked out; one that is new starts as a copy of the last."""
        tree = work_tree_around(self.root)
        branch = tree.branch if tree else ""
        if self._view is None or self._view.branch != branch:
            others = [each for each in self.store.views() if each.root == str(self.root)]
            like = self._view or (others[-1] if others else None)
            self._view = self.store.view(self.root, branch, like=like)
        return self._view

    def sync(
        self,
        paths: Collection[str] | None = None,
        *,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Bring the view up to date: all of it, or only what is at and below `paths`.

        Everything is looked at all the same where the branch or an ignore list has changed. `on_progress`
        gets files done and files to do. Once `cancelled`, what has been done is kept. Raises StoreError, and
        FileNotFoundError where the root is gone: an unmounted disk is not an empty one.
        """
        start = time.monotonic()
        before, view = self._view, self.view
        if not self.root.is_dir():
            raise FileNotFoundError(f"{self.root} is not there")
        if self._workers is None or self._workers.closed:
            self._workers = Workers(self.root, self._count)
        tree = self._tree(view)
        partly = paths is not None and before == view and not any(map(_is_rule, paths))
        if partly and paths is not None:
            found = {each.path: each.stat for path in paths for each in self._walker.look(path)}
            old = {path: leaf for each in paths for path, leaf in tree.below(each)}
        else:
            self._walker = Walker(self.root)
            found = dict(self._walker.walk(cancelled))
            old = dict(tree.below(""))
        report = Report()
        if not cancelled():
            self._reconcile(view, found, old, report, on_progress, cancelled)
        if not partly and not cancelled():
            self._forget_branches()
        report.cancelled = cancelled()
        if report.cut >= UNTIDY and not report.cancelled:
            self.store.tidy()
        report.files = len(self._known_tree[1])
        report.seconds = time.monotonic() - start
        return report

    def _forget_branches(self) -> None:
        """Views of branches that are gone; what only they held stays for a while."""
        tree = work_tree_around(self.root)
        branches = tree.branches() if tree else None
        for each in self.store.views() if branches is not None else []:
            if each.root == str(self.root) and each.branch not in {*(branches or ()), "HEAD"}:
                self.store.forget(each)

    def problems(self) -> Iterator[str]:
        """What is wrong with the view, in words: its tree, its rows, or that they differ."""
        tree = self._tree(self.view)
        tree.check()
        rows = self.store.files(self.view)
        leaves = {path: leaf.hash for path, leaf in tree.below("") if not _reason(leaf)}
        for path in sorted(rows.keys() | leaves.keys()):
            if rows.get(path) != leaves.get(path):
                yield f"{path} is not in the index as its tree says"

    def _tree(self, view: View) -> Tree:
        """The view's tree; one of another recipe or form is made from the rows, and every file read again."""
        data = self.store.tree(view) or b""
        if data != self._known_tree[0]:
            self._known_tree = data, self._decoded(view, data)
        return self._known_tree[1]

    def _decoded(self, view: View, data: bytes) -> Tree:
        try:
            if data.startswith(_HEADER):
                return Tree.from_bytes(data[len(_HEADER) :])
        except ValueError as error:
            log.warning("the tree of %s is read from the files again: %s", view.root, error)
        return build((path, Leaf(each, UNSURE)) for path, each in self.store.files(view).items())

    def _reconcile(
        self,
        view: View,
        found: Mapping[str, Stat],
        old: Mapping[str, Leaf],
        report: Report,
        on_progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        assert self._workers is not None
        pending = _Pending()
        for path in old.keys() - found.keys():
            pending.changes[path] = None
            report.removed += 1
        todo = [path for path, stat in found.items() if not _is_same(old.get(path), stat)]
        todo.sort(key=lambda path: -found[path].mtime_ns)  # what was touched last is asked for first
        results = read_all(self.root, todo, self._workers, self._known, cancelled)
        for done, parsed in enumerate(results, 1):
            _count(parsed, report)
            pending.add(parsed, old.get(parsed.path))
            if pending.is_due:
                self._commit(view, pending)
                pending = _Pending()
            on_progress(done, len(todo))
        if pending.changes:
            self._commit(view, pending)

    def _known(self, hashes: Collection[bytes]) -> set[bytes]:
        with self.store.reading() as connection:
            find = "select 1 from file where hash = ?"
            return {each for each in hashes if connection.execute(find, (each,)).fetchone()}

    def _commit(self, view: View, pending: _Pending) -> None:
        with self.store.batch(view) as batch:
            tree = self._tree(view)
            changes = {
                path: leaf
                for path, leaf in pending.changes.items()
                # A content that was known has been swept meanwhile: the next pass finds the path still to do.
                if leaf is None or _reason(leaf) or leaf.hash in pending.chunks or batch.known(leaf.hash)
            }
            wanted = tree.with_changes(changes)
            for path, before, after in diff(tree, wanted, notes=True):
                if after is None or _reason(after):
                    batch.drop(path)
                elif before is None or _reason(before) or before.hash != after.hash:
                    batch.put(path, after.hash, pending.chunks.get(after.hash))
            data = _HEADER + wanted.to_bytes()
            batch.set_tree(data)
        self._known_tree = data, wanted


def _is_rule(path: str) -> bool:
    return path.rpartition("/")[2] in (GIT, TACIT)


def _is_same(leaf: Leaf | None, stat: Stat) -> bool:
    return leaf is not None and leaf.note[:_STAT] == packed(stat)


def _reason(leaf: Leaf) -> str:
    """Why a file is left out; "" if it is not."""
    return leaf.note[_STAT:].decode()


def _count(parsed: Parsed, report: Report) -> None:
    report.read += 1
    if parsed.reason:
        report.left_out[parsed.reason] = report.left_out.get(parsed.reason, 0) + 1
    elif parsed.chunks is not None:
        report.cut += 1
        report.lines += parsed.lines
