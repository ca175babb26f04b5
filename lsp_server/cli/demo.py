"""`tacit demo`: a recorded editing session, replayed through the real server and shown in a terminal."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.client import Client, ClientError, server_command, server_environment
from bench.editor import Editor
from bench.session import Session, load, unpack
from lsp_server.demo.plain import Plain
from lsp_server.demo.player import Moment, play
from lsp_server.demo.readiness import NotReady, await_model, status
from lsp_server.demo.screen import Screen
from lsp_server.demo.tally import Tally

SESSION = Path(__file__).resolve().parent.parent / "demo" / "session.toml"


@dataclass
class Demo:
    """A replay under way."""

    client: Client
    editor: Editor
    session: Session
    model: dict[str, Any]
    """The server's report of its model."""
    started: float
    tally: Tally = field(default_factory=Tally)
    first_answer_s: float | None = None
    """Seconds from the command's start to the first ghost text."""

    def moments(self) -> Iterator[Moment]:
        """Play the session, and count."""
        for moment in play(self.session, self.editor):
            if moment.ghost and self.first_answer_s is None:
                self.first_answer_s = time.perf_counter() - self.started
            self.tally.add(moment)
            yield moment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--fast", action="store_true", help="leave out the pauses in which a person would look"
    )
    parser.add_argument("--plain", action="store_true", help="print lines of text, redraw nothing")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON document")
    parser.add_argument("--model", help="a model's name or path (default: what suits this machine)")


def run(args: argparse.Namespace) -> int:
    """Run the demo; 1 where the model cannot be had or the server fails."""
    console = Console(stderr=args.json)
    try:
        with _demo(args.model, console) as demo:
            if args.json:
                for _ in demo.moments():
                    pass
            elif args.plain or not console.is_terminal:
                _play_plainly(demo)
            else:
                _play_on_screen(demo, console, speed=0.0 if args.fast else 1.0)
            figures = _figures(demo)
    except NotReady as error:
        print(f"tacit demo: the model cannot be had. {error}", file=sys.stderr)
        return 1
    except (ClientError, TimeoutError) as error:
        print(f"tacit demo: the server failed: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(figures))
    else:
        _print_summary(figures, console)
    return 0


@contextmanager
def _demo(model: str | None, console: Console) -> Iterator[Demo]:
    """A server on a copy of the sample project, with its model ready."""
    started = time.perf_counter()
    session = load(SESSION)
    environment = server_environment(**({"TACIT_MODEL": model} if model else {}))
    with tempfile.TemporaryDirectory(prefix="tacit-demo-") as folder:
        root = unpack(SESSION, session, Path(folder))
        with Client(server_command("serve"), cwd=root, env=environment) as client:
            client.initialize(root, client_name="tacit-demo")
            yield Demo(client, Editor(client, root), session, await_model(client, console), started)


def _play_plainly(demo: Demo) -> None:
    plain = Plain(sys.stdout, demo.editor)
    for moment in demo.moments():
        plain.show(moment)
    plain.close()


def _play_on_screen(demo: Demo, console: Console, speed: float) -> None:
    with Screen(console, demo.editor, demo.tally, model=demo.model["name"], speed=speed) as screen:
        for moment in demo.moments():
            screen.show(moment)


def _figures(demo: Demo) -> dict[str, Any]:
    report = status(demo.client)
    read, cached = report["prompt_tokens"], report["cached_tokens"]
    memory = psutil.Process(demo.client.process.pid).memory_info().rss
    return {
        "model": demo.model["name"],
        "first_answer_s": demo.first_answer_s and round(demo.first_answer_s, 2),
        **demo.tally.figures(),
        "prefix_cache_hit_rate": round(cached / read, 3) if read else None,
        "memory_mb": round(memory / 1e6),
        "outcomes": report["outcomes"],
    }


def _print_summary(figures: dict[str, Any], console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    model, through = figures["model_ms"], figures["typed_through_ms"]
    rows = [
        ("Model", f"{figures['model']}, on this machine alone"),
        ("First ghost text", f"{figures['first_answer_s']} s after the start"),
        ("Keys", f"{figures['keys']}, and {figures['tabs']} times Tab"),
        ("Written by Tab", f"{figures['tabbed_share']:.0%} of the characters"),
        ("Answers of the model", f"p50 {model['p50']} ms, p99 {model['p99']} ms ({model['n']})"),
        ("Typed through", f"p50 {through['p50']} ms ({through['n']}), without the model"),
        ("Read from the cache", f"{figures['prefix_cache_hit_rate'] or 0:.0%} of all prompt tokens"),
        ("Memory of the server", f"{figures['memory_mb']} MB"),
    ]
    for name, value in rows:
        table.add_row(f"[bold]{name}[/]", value)
    console.print()
    console.print(table)
    console.print("\nIn your own editor: [bold]tacit setup nvim[/]")
