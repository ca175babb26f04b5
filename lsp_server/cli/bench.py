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

from bench import engine, latency, report
from bench.client import ClientError
from engine.errors import ModelError
from engine.fetch import downloads_dir
from engine.manifest import find
from engine.prepare import converted
from lsp_server.cli.model_choice import add_model_options, chosen_model, make_ready

ROUNDS = 9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the benches and their options."""
    benches = parser.add_subparsers(dest="bench", metavar="BENCH", required=True)
    speed = benches.add_parser("engine", help="the model alone, beside llama.cpp on the same file")
    speed.add_argument("--threads", type=int, default=2, help="of each engine (default: 2)")
    speed.add_argument(
        "--rounds", type=int, default=ROUNDS, help=f"medians are over so many (default: {ROUNDS})"
    )
    speed.add_argument(
        "--gguf", type=Path, help="the file for llama.cpp (default: the one the model is made from)"
    )
    replay = benches.add_parser("latency", help="a recorded session through the real server, key by key")
    replay.add_argument("--keys", type=int, default=300, help="how many keystrokes to replay (default: 300)")
    replay.add_argument(
        "--gap", type=float, default=120.0, metavar="MS", help="median time between keys (120)"
    )
    replay.add_argument(
        "--pace", choices=("paced", "waited"), help="at human speed, or key after answer (default: both)"
    )
    for each in (speed, replay):
        add_model_options(each)
        each.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        each.add_argument("--save", action="store_true", help="add the result to bench/results/<commit>.json")


def run(args: argparse.Namespace) -> int:
    """Runs one bench; 1 where its model cannot be had or what is measured fails."""
    benches: dict[str, Callable[[argparse.Namespace, str], dict[str, Any]]] = {
        "engine": _engine,
        "latency": _latency,
    }
    try:
        model = chosen_model(args)
        make_ready(model)
        result = {"model": model, **benches[args.bench](args, model)}
    except ModelError as error:
        print(f"tacit bench: {error}. {error.remedy}", file=sys.stderr)
        return 1
    except (ClientError, RuntimeError, TimeoutError) as error:
        print(f"tacit bench: {error}", file=sys.stderr)
        return 1
    saved = report.save(f"{args.bench}-{model}", result) if args.save else None
    if args.json:
        print(
            json.dumps(
                {"bench": args.bench, "commit": report.commit(), "machine": report.machine(), **result}
            )
        )
    else:
        _print(args.bench, result)
        if saved is not None:
            print(f"\nsaved in {saved}")
    return 0


def _engine(args: argparse.Namespace, model: str) -> dict[str, Any]:
    folder = converted(model)
    assert folder is not None, "make_ready has returned"
    gguf = args.gguf or _weights_file(model)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{model}, {args.threads} threads", total=args.rounds + 1)
        return engine.measure(
            folder, gguf, threads=args.threads, rounds=args.rounds, progress=lambda: bar.advance(task)
        )


def _latency(args: argparse.Namespace, model: str) -> dict[str, Any]:
    paces: tuple[latency.Pace, ...] = ("paced", "waited") if args.pace is None else (args.pace,)
    results: dict[str, Any] = {}
    for pace in paces:
        print(f"{model}: {args.keys} keys, {pace}", file=sys.stderr)
        results[pace] = latency.measure(latency.Options(pace, keys=args.keys, gap_ms=args.gap, model=model))
    return results


def _weights_file(model: str) -> Path | None:
    """The GGUF file that the model was made from, if it is still here."""
    manifest = find(model)
    path = Path(model) if manifest is None else downloads_dir() / manifest.file.name
    return path if path.suffix == ".gguf" and path.is_file() else None


def _print(bench: str, result: dict[str, Any]) -> None:
    """The figures as a table: one column for each engine or pace, one row for each figure."""
    columns = {name: value for name, value in result.items() if isinstance(value, dict)}
    table = Table("", *columns, title=f"{bench}, {result['model']}", title_justify="left", box=box.SIMPLE)
    flat = {name: _flatten(value) for name, value in columns.items()}
    for row in dict.fromkeys(row for value in flat.values() for row in value):
        table.add_row(row, *(str(value.get(row, "")) for value in flat.values()))
    console = Console()
    console.print(table)
    if "ratio" in result:
        console.print(f"One keystroke takes [bold]{result['ratio']}[/] times as long as in llama.cpp.")


def _flatten(figures: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested figures by their joined names; lists are left out."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{above}{name} ")
        elif not isinstance(value, list):
            flat[above + name] = value
    return flat
