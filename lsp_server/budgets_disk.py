"""The caches on disk that grow: the search index and the findings that are known. The oldest make room.

Run as a process of its own (`python -m lsp_server.budgets_disk LIMIT ROOT...`), whose memory does not stay.
Models are not touched: they are there because somebody wanted them.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path

from engine.paths import cache_dir
from engine.processes import environment, python_module

PATIENCE_S = 300.0
ENOUGH = 0.8
"""Of the limit: what is left of the findings, so that it is not done again at once."""


def kept_bytes() -> int:
    """What the caches take. Blocking."""
    return _bytes(bugs_path()) + sum(map(_size, (cache_dir() / "index").glob("*")))


def bugs_path() -> Path:
    """Of the findings; here, so that the server need not import the finder for it."""
    return cache_dir() / "bugs.sqlite3"


async def make_room(limit: int, roots: Sequence[str]) -> str:
    """Bring the caches down to `limit` bytes, but for what is known of `roots`; in words, what was done."""
    process = await asyncio.create_subprocess_exec(
        *python_module("lsp_server.budgets_disk", str(limit), *roots),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment(),
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except TimeoutError:
        return "No room could be made in time."
    finally:
        if process.returncode is None:
            process.kill()
    return said.decode().strip() or "No room could be made."


def trim(limit: int, roots: Sequence[str]) -> str:
    """Do it, in this process. Findings that were not asked for longest go first, then the oldest indexes."""
    findings = indexes = 0
    excess = kept_bytes() - limit * ENOUGH
    if kept_bytes() > limit and bugs_path().exists():
        from bug_finder.cache import shrink

        share = min(1.0, excess / max(_bytes(bugs_path()), 1))
        findings = shrink(bugs_path(), max(share, 0.5))
    if kept_bytes() > limit:
        indexes = _trim_index(limit, roots)
    return (
        f"The caches were above their limit: {findings:,} known findings and {indexes} old indexes were"
        " removed, oldest first."
    )


def _trim_index(limit: int, roots: Sequence[str]) -> int:
    from retrieval.schema import index_path
    from retrieval.store import Store

    if not index_path().exists():
        return 0
    store = Store.open(index_path())
    removed = 0
    try:
        # Those of folders that are gone go first; else a view is the older the smaller its number.
        views = sorted(store.views(), key=lambda view: (Path(view.root).exists(), view.id))
        for view in views:
            if kept_bytes() <= limit:
                break
            if view.root in roots or str(Path(view.root).resolve()) in roots:
                continue
            store.forget(view)
            store.sweep(0)
            store.tidy()
            store.checkpoint()
            removed += 1
    finally:
        store.close()
    return removed


def _bytes(path: Path) -> int:
    """Of a database with what SQLite keeps beside it."""
    return _size(path) + _size(path.with_name(f"{path.name}-wal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


if __name__ == "__main__":
    print(trim(int(sys.argv[1]), sys.argv[2:]))
