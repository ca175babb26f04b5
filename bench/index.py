"""Indexing measured: `python -m bench.index TREE` copies a tree of sources into a scratch folder.

Times are of the clock; beside them stands the processor time of all processes, which tells how busy the
machine was with other things. Memory is that of the indexing process and its workers together, at its
highest.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench import report
from retrieval.search import Searcher
from retrieval.store import Store
from retrieval.sync import Report, Syncer

SWITCHED = 200  # files that differ between the two branches
SAVES = 20


def measure(tree: Path, scratch: Path, workers: int = 1) -> dict[str, Any]:
    """Every figure for one tree; `scratch` is an empty folder with room for two copies and the index."""
    first, second, database = scratch / "first", scratch / "second", scratch / "index.db"
    shutil.copytree(tree, first, ignore=shutil.ignore_patterns(".git"), ignore_dangling_symlinks=True)
    _git(first, "init", "-q", "-b", "main")
    _git(first, "add", "-A")
    _git(first, "commit", "-qm", "one")
    shutil.copytree(first, second, symlinks=True)
    _until_settled()
    store = Store.open(database)
    figures: dict[str, Any] = {"workers": workers}
    with Syncer(store, first, workers=workers) as syncer:
        cold, figures["cold"] = _pass(syncer.sync)
        store.checkpoint()
        figures["cold"] |= _size(cold, first, store, syncer, database)
        figures["saved_file"] = _saves(store, syncer)
        figures["branch_switch"] = _switch(first, syncer)
    with Syncer(store, second, workers=workers) as clone:
        _, figures["second_clone"] = _pass(clone.sync)
        ratio = figures["cold"]["seconds"] / figures["second_clone"]["seconds"]
        figures["second_clone"]["times_faster"] = round(ratio, 1)
    store.close()
    store = Store.open(database)
    with Syncer(store, second, workers=workers) as clone:
        _, figures["unchanged"] = _pass(clone.sync)
        figures["problems"] = [*clone.problems(), *store.check()]
    store.close()
    return figures


def _pass(work: Callable[[], Report]) -> tuple[Report, dict[str, Any]]:
    with _watched() as seen:
        start = time.perf_counter()
        done = work()
        seconds = time.perf_counter() - start
    return done, {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(seen["cpu"], 2),
        "memory_mb": round(seen["memory"] / 2**20),
        "files": done.files,
        "read": done.read,
        "parsed": done.cut,
    }


def _size(done: Report, root: Path, store: Store, syncer: Syncer, database: Path) -> dict[str, Any]:
    source = sum((root / path).stat().st_size for path in store.files(syncer.view))
    chunks = store.connection.execute("select count(*) from chunk").get
    return {
        "lines": done.lines,
        "lines_per_minute": round(done.lines / done.seconds * 60),
        "chunks": chunks,
        "source_mb": round(source / 1e6, 1),
        "index_to_source": round(database.stat().st_size / source, 2),
        "left_out": done.left_out,
    }


def _saves(store: Store, syncer: Syncer) -> dict[str, Any]:
    """Milliseconds from a save until a search finds what was written, by the clock and of the processor."""
    chance = random.Random(1)
    paths = sorted(path for path in store.files(syncer.view) if path.endswith(".py"))
    times = []
    searcher = Searcher(store, syncer.view)
    searcher.search("something", 1)
    me = psutil.Process()
    worked = _cpu(me)
    for number in range(SAVES):
        path = chance.choice(paths)
        name = f"freshly_written_{number}"
        with (syncer.root / path).open("a") as file:
            file.write(f"\n\ndef {name}(value):\n    return value\n")
        start = time.perf_counter()
        syncer.sync([path])
        hits = searcher.search(name, 3)
        times.append((time.perf_counter() - start) * 1000)
        assert any(hit.name == name for hit in hits), f"{name} was not found"
    return {**report.summary(times), "mean_cpu_ms": round((_cpu(me) - worked) / SAVES * 1000, 1)}


def _switch(root: Path, syncer: Syncer) -> dict[str, Any]:
    """To a branch never seen before, and back, SWITCHED files apart."""
    _git(root, "commit", "-qam", "saves")
    _git(root, "switch", "-qc", "other")
    files = sorted(path for path in root.rglob("*.py") if path.is_file() and not path.is_symlink())
    for number, path in enumerate(random.Random(2).sample(files, SWITCHED)):
        with path.open("a") as file:
            file.write(f"\n\ndef on_the_other_branch_{number}(value):\n    return value + {number}\n")
    _git(root, "commit", "-qam", "two")
    _, there = _pass(lambda: syncer.sync([]))
    _git(root, "switch", "-q", "main")
    _, back = _pass(lambda: syncer.sync([]))
    _git(root, "switch", "-q", "other")
    _, again = _pass(lambda: syncer.sync([]))
    return {"new": there, "back": back, "again": again}


@contextmanager
def _watched() -> Iterator[dict[str, float]]:
    """Highest memory and processor seconds of this process and its children during the block."""
    seen = {"memory": 0.0, "cpu": 0.0}
    over = threading.Event()
    me = psutil.Process()
    before = _cpu(me)

    def watch() -> None:
        while not over.wait(0.1):
            seen["memory"] = max(seen["memory"], _memory(me))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen["memory"] = max(seen["memory"], _memory(me))
        seen["cpu"] = _cpu(me) - before


def _memory(me: psutil.Process) -> float:
    return float(
        sum(each.memory_info().rss for each in [me, *me.children(recursive=True)] if each.is_running())
    )


def _cpu(me: psutil.Process) -> float:
    own = me.cpu_times()
    children = [each.cpu_times() for each in me.children(recursive=True)]
    return float(own.user + own.system + sum(each.user + each.system for each in children))


def _until_settled() -> None:
    """What was written within the last two seconds would be read once more, and that is not measured."""
    time.sleep(2.5)


def _git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=bench", "-c", "user.email=bench", "-c", "gc.auto=0")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


def main() -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as scratch:
        figures = measure(args.tree.resolve(), Path(scratch), args.workers)
    print(json.dumps({"commit": report.commit(), "machine": report.machine(), **figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
