"""`tacit demo`: a person's part is recorded; what the real server makes of it is shown in a terminal."""

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

from bench.client import Client, ClientError, server_command, server_environment
from bench.session import Session, load, unpack
from lsp_server.demo import script
from lsp_server.demo.hands import ABILITIES, Hands
from lsp_server.demo.moment import Moment
from lsp_server.demo.plain import Plain
from lsp_server.demo.player import arrive, play
from lsp_server.demo.readiness import NotReady, await_model, status
from lsp_server.demo.renaming import play_rename
from lsp_server.demo.screen import Screen
from lsp_server.demo.searching import play_questions
from lsp_server.demo.sketching import play_sketch
from lsp_server.demo.summary import print_summary
from lsp_server.demo.tally import Tally

SESSION = Path(__file__).resolve().parent.parent / "demo" / "session.toml"


OPTIONS = {"crossFileEdits": True, "learn": False}
"""Settings: this editor shows next edits of other files, and what its person does is no user's taste."""


@dataclass
class Demo:
    """A demo under way."""

    client: Client
    hands: Hands
    session: Session
    model: dict[str, Any]
    """The server's report of its model."""
    stages_s: dict[str, float]
    """Seconds from the command's start to what happened."""
    started: float
    tally: Tally = field(default_factory=Tally)

    def moments(self) -> Iterator[Moment]:
        """Play all acts, and count."""
        for moment in self._acts():
            if moment.kind == "key":
                self._note("first_key")
            if moment.ghost:
                self._note("first_ghost_text")
            self.tally.add(moment)
            yield moment

    def _acts(self) -> Iterator[Moment]:
        rest = script.load()
        yield Moment("act", "Ghost text: it writes what you were about to")
        typed = 0
        for rename in rest.rename:
            yield from play(self.session.step[typed : rename.after_steps], self.hands)
            yield Moment("act", "Next edits: Tab, Tab, Tab")
            yield from play_rename(rename, self.hands)
            yield Moment("act", "Ghost text, on from there")
            typed = rename.after_steps
        yield from play(self.session.step[typed:], self.hands)
        yield Moment("act", "Apply: a sketch in, an exact edit out, or a refusal")
        for sketch in rest.sketch:
            yield from play_sketch(sketch, self.hands)
        yield Moment("act", "Search: by meaning and by name")
        yield from play_questions(rest.question, self.hands)

    def _note(self, stage: str) -> None:
        self.stages_s.setdefault(stage, round(time.perf_counter() - self.started, 2))


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
        print_summary(figures, console)
    return 0


@contextmanager
def _demo(model: str | None, console: Console) -> Iterator[Demo]:
    """A server on a copy of the sample project, with its model ready."""
    started = time.perf_counter()
    stages: dict[str, float] = {}
    session = load(SESSION)
    environment = server_environment(**({"TACIT_MODEL": model} if model else {}))
    with tempfile.TemporaryDirectory(prefix="tacit-demo-") as folder:
        root = unpack(SESSION, session, Path(folder))
        with Client(server_command("serve"), cwd=root, env=environment) as client:
            client.initialize(root, client_name="tacit-demo", capabilities=ABILITIES, options=OPTIONS)
            stages["server_up"] = round(time.perf_counter() - started, 2)
            hands = Hands(client, root)
            arrive(session, hands)
            report = await_model(client, console)
            stages["model_ready"] = round(time.perf_counter() - started, 2)
            yield Demo(client, hands, session, report, stages, started)


def _play_plainly(demo: Demo) -> None:
    plain = Plain(sys.stdout, demo.hands)
    for moment in demo.moments():
        plain.show(moment)
    plain.close()


def _play_on_screen(demo: Demo, console: Console, speed: float) -> None:
    with Screen(console, demo.hands, demo.tally, model=demo.model["name"], speed=speed) as screen:
        for moment in demo.moments():
            screen.show(moment)


def _figures(demo: Demo) -> dict[str, Any]:
    report = status(demo.client)
    read, cached = report["prompt_tokens"], report["cached_tokens"]
    memory = psutil.Process(demo.client.process.pid).memory_info().rss
    return {
        "model": demo.model["name"],
        "first_answer_s": demo.stages_s.get("first_ghost_text"),
        "stages_s": demo.stages_s,
        **demo.tally.figures(),
        "prefix_cache_hit_rate": round(cached / read, 3) if read else None,
        "memory_mb": round(memory / 1e6),
        "outcomes": report["outcomes"],
    }
