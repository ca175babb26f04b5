"""`tacit bench`: measures this machine; beside peers where they are installed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import apply_speed, bugs_speed, engine, latency, next_edit_speed, report, rewriting
from bench.client import ClientError
from completion.next_edit.writing import writer_for
from engine.errors import ModelError
from engine.fetch import downloads_dir
from engine.load import load_model
from engine.manifest import find
from engine.prepare import converted
from lsp_server.cli.model_choice import add_model_options, chosen_model, make_ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benches and their options."""
    parser.add_argument(
        "bench",
        nargs="?",
        choices=tuple(BENCHES),
        help="engine: the model alone, beside llama.cpp on the same file; "
        "latency: a recorded session through the real server, key by key; "
        "apply: sketches on files of 1,000 and 10,000 lines, and regions that the model rewrites; "
        "bugs: functions a second, from a save to the diagnostics, and typing beside a scan; "
        "next_edit: the search for the next edit, key by key, with the model and without (all)",
    )
    add_model_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--save", action="store_true", help="add the result to bench/results/<commit>.json")
    speed = parser.add_argument_group("engine")
    speed.add_argument("--threads", type=int, default=2, help="of each engine (default: 2)")
    speed.add_argument("--rounds", type=int, default=9, help="medians are over so many (default: 9)")
    speed.add_argument(
        "--gguf", type=Path, help="file for llama.cpp (default: the one the model is made from)"
    )
    bugs = parser.add_argument_group("bugs")
    bugs.add_argument(
        "--corpus", type=Path, metavar="PATH", help="a folder to read (default: this program's)"
    )
    replay = parser.add_argument_group("latency")
    replay.add_argument("--keys", type=int, default=300, help="how many keystrokes to replay (default: 300)")
    replay.add_argument(
        "--gap", type=float, default=120.0, metavar="MS", help="median time between keys (120)"
    )
    replay.add_argument(
        "--pace", choices=latency.PACES, help="at human speed, or key after answer (default: both)"
    )
    replay.add_argument(
        "--indexing", type=Path, metavar="PATH", help="a folder that is indexed from cold meanwhile"
    )


def run(args: argparse.Namespace) -> int:
    """Run one bench or all; 1 where the model cannot be had or what is measured fails."""
    names = [args.bench] if args.bench else list(BENCHES)
    try:
        model = chosen_model(args)
        make_ready(model)
        results = {name: BENCHES[name](args, model) for name in names}
    except ModelError as error:
        print(f"tacit bench: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except (ClientError, RuntimeError, TimeoutError) as error:
        print(f"tacit bench: {error}", file=sys.stderr)
        return 1
    if args.save:
        for name, result in results.items():
            report.save(f"{name} {model}", result)
    if args.json:
        stamp = {"commit": report.commit(), "machine": report.machine(), "model": model}
        print(json.dumps({**stamp, **results}))
    else:
        for name, result in results.items():
            _print(f"{name}, {model}", result)
    return 0


def _engine(args: argparse.Namespace, model: str) -> dict[str, Any]:
    folder = converted(model)
    assert folder is not None, "make_ready has returned"
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"engine, {model}, {args.threads} threads", total=args.rounds + 1)
        return engine.measure(
            folder,
            args.gguf or _weights_file(model),
            threads=args.threads,
            rounds=args.rounds,
            progress=lambda: bar.advance(task),
        )


def _latency(args: argparse.Namespace, model: str) -> dict[str, Any]:
    results: dict[str, Any] = {}
    with Console(stderr=True).status("") as status:
        for pace in [args.pace] if args.pace else latency.PACES:
            status.update(f"latency, {model}: {args.keys} keys, {pace}")
            results[pace] = latency.measure(
                latency.Options(pace, args.keys, args.gap, model=model, indexing=args.indexing)
            )
    return results


def _apply(args: argparse.Namespace, model: str) -> dict[str, Any]:
    rounds = max(1, args.rounds // 3)  # each writes some 500 tokens one by one
    loaded = load_model(model, threads=args.threads, context=4096, cache_bytes=0)
    with Console(stderr=True).status("apply, without a model"):
        structure = apply_speed.measure()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"apply, {model}, {args.threads} threads", total=rounds * len(rewriting.TASKS))
        return {
            **structure,
            "rewriting": rewriting.measure(loaded, rounds=rounds, progress=lambda: bar.advance(task)),
        }


def _bugs(args: argparse.Namespace, model: str) -> dict[str, Any]:
    rounds = max(1, args.rounds // 3)
    options = latency.Options("waited", args.keys, args.gap, model=model)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"bugs, {model}", total=2 + 2 * rounds)
        return bugs_speed.measure(options, rounds, args.corpus, progress=lambda: bar.advance(task))


def _next_edit(args: argparse.Namespace, model: str) -> dict[str, Any]:
    writer = writer_for(load_model(model, threads=args.threads))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"next edits, {model}", total=args.keys)
        return next_edit_speed.measure(writer, args.keys, progress=lambda: bar.advance(task))


BENCHES: dict[str, Callable[[argparse.Namespace, str], dict[str, Any]]] = {
    "engine": _engine,
    "latency": _latency,
    "apply": _apply,
    "bugs": _bugs,
    "next_edit": _next_edit,
}


def _weights_file(model: str) -> Path | None:
    """The GGUF file that the model was made from, if it is still here."""
    manifest = find(model)
    path = Path(model) if manifest is None else downloads_dir() / manifest.file.name
    return path if path.suffix == ".gguf" and path.is_file() else None


def _print(title: str, result: dict[str, Any]) -> None:
    """The figures as a table: one column for each engine or pace, one row for each figure."""
    columns = {name: _flatten(value) for name, value in result.items() if isinstance(value, dict)}
    table = Table("", *columns, title=title, title_justify="left", box=box.SIMPLE)
    for row in dict.fromkeys(row for column in columns.values() for row in column):
        table.add_row(row, *(str(column.get(row, "")) for column in columns.values()))
    console = Console()
    console.print(table)
    if "ratio" in result:
        plain, drafted = result["ratio"], result["ratio_drafted"]
        console.print(f"One keystroke takes [bold]{plain}[/] of llama.cpp's time, with drafts {drafted}.")


def _flatten(figures: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested figures by their joined names; lists are left out."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{above}{name} ")
        elif not isinstance(value, list):
            flat[above + name] = value
    return flat
