"""`tacit replay`: asks an old question again, for those who work on prompts."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace
from pathlib import PurePosixPath

import msgspec

from engine.errors import ModelError
from lsp_server import loading, tell, trace_prompts, trace_replay
from lsp_server.config import Config
from lsp_server.trace_prompts import Kept


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", nargs="?", help="of the request, as --list prints it (default: the newest)")
    parser.add_argument("--list", action="store_true", help="list the requests that are kept")
    parser.add_argument("--model", help="ask this model instead of the one that was asked")
    parser.add_argument("--prompt", action="store_true", help="print the prompt of today as well")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: Namespace) -> int:
    """Render and answer it anew, and print both answers side by side; 1 where there is none to replay."""
    kept = trace_prompts.read_all()
    if args.list:
        for each in kept:
            print(f"{each.id:<14}{tell.clock(each.at)}  {_name(each)}: {_gist(each)}")
        return 0
    chosen = next((each for each in reversed(kept) if args.id in (None, each.id)), None)
    if chosen is None:
        print(
            "No such request is kept."
            if kept
            else "No prompts are kept. The setting `trace.prompts` has them kept, source text included, in "
            f"{trace_prompts.folder()}: switch it on, work until it happens again, and come back.",
            file=sys.stderr,
        )
        return 1
    try:
        model = loading.load(args.model or chosen.model, Config(context=chosen.context))
    except ModelError as error:
        print(f"{error}. {error.remedy}", file=sys.stderr)
        return 1
    old, new = trace_replay.then(chosen), trace_replay.now(chosen, model)
    differs = trace_replay.difference(old, new)
    if args.json:
        document = {"id": chosen.id, "then": old, "now": new, "prompt_differs": bool(differs)}
        print(msgspec.json.encode(document).decode())
        return 0
    print(f"{chosen.id}  {_name(chosen)}, {tell.clock(chosen.at)}, {args.model or chosen.model}\n")
    print("\n".join(differs) if differs else "The prompt is the same.")
    if args.prompt:
        print(f"\n{new.prompt}")
    width = shutil.get_terminal_size().columns
    for title, left, right in (
        ("written", old.written, new.written),
        ("shown", old.outcome, new.outcome),
    ):
        print()
        print("\n".join(trace_replay.beside(f"{title} then", f"{title} now", width)))
        print("\n".join(trace_replay.beside("-" * 12, "-" * 12, width)))
        print("\n".join(trace_replay.beside(left, right, width)))
    return 0


def _name(kept: Kept) -> str:
    line = kept.text.count("\n", 0, kept.offset) + 1
    return f"{PurePosixPath(kept.path).name}, line {line}"


def _gist(kept: Kept) -> str:
    return repr(kept.shown[:60]) if kept.shown else f"nothing: {kept.reason}"
