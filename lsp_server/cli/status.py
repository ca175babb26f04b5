"""`tacit status`: the running servers, with their models, lanes, caches and latencies."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from lsp_server import reports, tell
from lsp_server.reports import Report


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: Namespace) -> int:
    """Print every running server; 1 where there is none."""
    servers = reports.read_all()
    if args.json:
        print(msgspec.json.encode({"schema": reports.SCHEMA, "servers": servers}).decode())
    elif not servers:
        print("No server is running: open a file in your editor first.", file=sys.stderr)
    else:
        print("\n\n".join(_lines(server) for server in servers))
    return 0 if servers else 1


def _lines(server: Report) -> str:
    hits = "no prompt yet" if server.hit_rate is None else f"{server.hit_rate:.1%} of prompt tokens"
    waiting = ", ".join(f"{count} {lane}" for lane, count in server.waiting.items()) or "none"
    rows = [
        (
            "server",
            f"process {server.pid}, for {server.client or 'an editor'} since {tell.clock(server.started)}",
        ),
        ("model", tell.model(server.model)),
        ("memory", f"{server.memory_mb:.0f} MB, {server.documents} documents open"),
        ("index", tell.index(server.index)),
        ("lanes", f"running: {server.running or 'none'}, waiting: {waiting}"),
        ("cached", hits),
        ("outcomes", tell.outcomes(server)),
        *(
            (f"{stage} ms", f"p50 {q.p50:.1f}  p99 {q.p99:.1f}  of {q.count}")
            for stage, q in server.stages.items()
        ),
    ]
    return "\n".join(f"{name:<12}{value}" for name, value in rows)
