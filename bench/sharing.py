"""Two editors of one user: what the second one costs, and how each feels while both are typed in.

    python -m bench.sharing [--model NAME] [--keys N]

Prints one JSON document. The same session is replayed in the first editor alone, in the second one while the
first is idle, and in both at once; then the first is killed, and the second has to go on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, server_command, server_environment
from bench.editor import Editor
from bench.latency import WORKDAY, Options, await_first_answer, replay
from bench.session import load, unpack


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="a manifest's name; without it the server chooses")
    parser.add_argument("--keys", type=int, default=150)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(Options(keys=args.keys, model=args.model)), indent=2))
    return 0


def measure(options: Options) -> dict[str, Any]:
    """Milliseconds, megabytes (resident) and seconds; raises ClientError or TimeoutError."""
    with tempfile.TemporaryDirectory(prefix="tacit-bench-") as folder, contextlib.ExitStack() as editors:
        first = editors.enter_context(_editor(Path(folder), "first", options))
        alone, memory = _typed(first, options), _megabytes(first)
        second = editors.enter_context(_editor(Path(folder), "second", options))
        other_idle = _typed(second, options)
        with ThreadPoolExecutor(2) as hands:
            both = list(hands.map(lambda editor: _typed(editor, options), (first, second)))
        together = _megabytes(first) + _megabytes(second)
        psutil.Process(first[0].process.pid).kill()
        taken_over = _taken_over(second[0])
    return {
        "one_mb": memory,
        "two_mb": together,
        "alone": alone,
        "second_while_the_first_is_idle": other_idle,
        "both": both,
        "second_goes_on_after_s": taken_over,
    }


_Open = tuple[Client, Path]


@contextlib.contextmanager
def _editor(folder: Path, name: str, options: Options) -> Iterator[_Open]:
    root = unpack(options.session, load(options.session), folder / name)
    variables = {"TACIT_STATE_DIR": str(folder / "state")} | (
        {"TACIT_MODEL": options.model} if options.model else {}
    )
    with Client(server_command("serve"), cwd=root, env=server_environment(**variables)) as client:
        client.initialize(root, client_name="tacit-bench")
        await_first_answer(client, root, time.perf_counter())
        yield client, root


def _typed(editor: _Open, options: Options) -> dict[str, float]:
    client, root = editor
    answers = replay(load(WORKDAY), Editor(client, root), options)
    ranked = sorted(answer.ms for answer in answers if not answer.superseded)
    at = int(len(ranked) * 0.99)
    return {
        "p50_ms": round(statistics.median(ranked), 1),
        "p99_ms": round(ranked[at], 1),
        "answers": len(ranked),
    }


def _megabytes(editor: _Open) -> int:
    return int(psutil.Process(editor[0].process.pid).memory_info().rss / 1e6)


def _taken_over(client: Client) -> float:
    """Seconds until the second editor has a model of its own."""
    began = time.perf_counter()
    while True:
        model = client.request("tacit/status", {})["model"]
        if model["phase"] == "ready" and not model["detail"]:
            return round(time.perf_counter() - began, 2)
        time.sleep(0.02)


if __name__ == "__main__":
    raise SystemExit(main())
