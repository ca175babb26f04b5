"""`tacit search`: find code by what it does or what it is called."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from engine.errors import ModelError
from lsp_server import loading
from lsp_server.cli.model_choice import add_model_options, chosen_model, make_ready
from lsp_server.config import Config
from retrieval.rerank import LINES, MOST, Read, reranked
from retrieval.schema import StoreError, index_path
from retrieval.search import Hit, Searcher
from retrieval.store import Store
from retrieval.sync import Syncer

SNIPPET = 6  # lines
RERANK_S = 10.0  # with a model that has been loaded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("query", help="a name, the beginning of one, or a question in words")
    parser.add_argument(
        "--repo", type=Path, default=Path(), metavar="PATH", help="the folder (default: this one)"
    )
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many answers (default: 10)")
    parser.add_argument("--explain", action="store_true", help="what each part of the score is for")
    parser.add_argument(
        "--rerank", action="store_true", help="the model reads the first answers over, which takes seconds"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Bring the index up to date and print the answers; 1 where that cannot be done, 2 for a bad folder."""
    if not args.repo.is_dir():
        print(f"tacit search: {args.repo} is not a folder", file=sys.stderr)
        return 2
    if args.k < 1 or not args.query.strip():
        print("tacit search: nothing to look for", file=sys.stderr)
        return 2
    try:
        root, hits = _search(args.query, args.repo.resolve(), max(args.k, MOST) if args.rerank else args.k)
        if args.rerank:
            hits = _read_over(args, root, hits)[: args.k]
    except (StoreError, ModelError) as error:
        print(f"tacit search: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"tacit search: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps([_as_json(hit, root, args.explain) for hit in hits], ensure_ascii=False, indent=1))
    else:
        _show(hits, root, args.explain)
    return 0


def _search(query: str, folder: Path, count: int) -> tuple[Path, list[Hit]]:
    store = Store.open(index_path())
    console = Console(stderr=True)
    try:
        with Syncer(store, folder) as syncer, Progress(console=console, transient=True) as progress:
            task = progress.add_task("reading what has changed", total=None)
            syncer.sync(on_progress=lambda done, total: progress.update(task, completed=done, total=total))
            return syncer.root, Searcher(store, syncer.view).search(query, count)
    finally:
        store.close()


def _read_over(args: argparse.Namespace, root: Path, hits: list[Hit]) -> list[Hit]:
    name = chosen_model(args)
    make_ready(name)
    model = loading.load(name, Config())

    def read(hit: Hit) -> Read:
        return Read(hit.path, hit.context, snippet(hit, root, LINES))

    return reranked(args.query, hits, read, model, until=time.monotonic() + RERANK_S)


def snippet(hit: Hit, root: Path, count: int = SNIPPET) -> str:
    """The first lines of a hit as they are on disk now; "" where the file is gone or is no text."""
    try:
        lines = (root / hit.path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return "\n".join(lines[hit.start_line : min(hit.end_line, hit.start_line + count)])


def _as_json(hit: Hit, root: Path, explain: bool) -> dict[str, object]:
    why = {"why": {name: round(part, 4) for name, part in hit.why.items()}} if explain else {}
    return {
        "path": hit.path,
        "start_line": hit.start_line + 1,
        "end_line": hit.end_line,
        "kind": hit.kind,
        "name": hit.name,
        "context": hit.context,
        "signature": hit.signature,
        "score": round(hit.score, 4),
        "snippet": snippet(hit, root),
        **why,
    }


def _show(hits: list[Hit], root: Path, explain: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for hit in hits:
        place = f"{escape(hit.path)}:{hit.start_line + 1}"
        name = escape(hit.context or hit.name)
        console.print(f"[bold]{place}[/]  {hit.kind} [cyan]{name}[/]  [dim]{hit.score:.2f}[/]")
        if explain:
            parts = (f"{feature} {part:+.2f}" for feature, part in hit.why.items() if abs(part) >= 0.005)
            console.print(f"    [dim]{'  '.join(parts)}[/]")
        for line in snippet(hit, root).splitlines():
            console.print(f"    {escape(line)}")
    if not hits:
        console.print("Nothing was found.")
