"""`tacit index`: bring the index of a folder up to date, or check that it is whole."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from retrieval.schema import StoreError, index_path
from retrieval.store import Store
from retrieval.sync import Report, Syncer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "path", type=Path, nargs="?", default=Path(), metavar="PATH", help="default: this folder"
    )
    parser.add_argument("--check", action="store_true", help="also verify that the index is whole")
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N", help="processes that parse (default: by cores)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(args: argparse.Namespace) -> int:
    """Index the folder; 1 where that fails or the index is not whole, 2 for no folder, 130 if stopped."""
    if not args.path.is_dir():
        print(f"tacit index: {args.path} is not a folder", file=sys.stderr)
        return 2
    try:
        store = Store.open(index_path())
        try:
            report, problems = _index(store, args)
        finally:
            store.close()
    except StoreError as error:
        print(f"tacit index: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"tacit index: {error}", file=sys.stderr)
        return 1
    if args.json:
        document = {**msgspec.to_builtins(report), "problems": problems, "index": str(index_path())}
        print(msgspec.json.encode(document).decode())
    else:
        _tell(report, problems)
    return 130 if report.cancelled else 1 if problems else 0


def _index(store: Store, args: argparse.Namespace) -> tuple[Report, list[str]]:
    workers = args.workers if args.workers > 0 else max(1, (os.cpu_count() or 2) // 2)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    with _until_interrupted() as stopped, Syncer(store, args.path, workers=workers) as syncer, bar:
        task = bar.add_task("looking for what has changed", total=None)
        report = syncer.sync(
            on_progress=lambda done, total: bar.update(
                task, description="indexing", completed=done, total=total
            ),
            cancelled=stopped.is_set,
        )
        store.sweep()
        problems = [*syncer.problems(), *store.check()] if args.check else []
    return report, problems


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, so that what has been done is kept; a second one ends the program."""
    stopped = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _tell(report: Report, problems: list[str]) -> None:
    known = report.read - report.cut - sum(report.left_out.values())
    print(
        f"{report.files} files in the index. {report.read} were new or changed: {report.cut} parsed"
        f" ({report.lines} lines), {known} known already; {report.removed} are gone. {report.seconds:.1f} s."
    )
    if report.left_out:
        print(
            "Left out: " + ", ".join(f"{count} {reason}" for reason, count in sorted(report.left_out.items()))
        )
    if report.cancelled:
        print("Stopped; the next run goes on from here.")
    for problem in problems:
        print(problem, file=sys.stderr)
