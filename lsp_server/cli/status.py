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
    return "\n".join(f"{name:<12}{value}" for name, value in tell.facts(server))
