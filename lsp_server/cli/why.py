"""`tacit why`: what became of the last request for a suggestion and of the last files read for bugs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from lsp_server import reports, tell


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-n", "--last", type=int, default=1, metavar="N", help="the last N requests (default: 1)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: Namespace) -> int:
    """Print the newest requests of all running servers, the newest last; 1 where no server runs."""
    servers = reports.read_all()
    requests = sorted((each for server in servers for each in server.requests), key=lambda each: each.at)
    requests = requests[-max(args.last, 1) :]
    found = sorted((each for server in servers for each in server.findings), key=lambda each: each.at)
    found = found[-max(args.last, 1) :]
    if args.json:
        document = {"schema": reports.SCHEMA, "requests": requests, "findings": found}
        print(msgspec.json.encode(document).decode())
    elif not servers:
        print("No server is running: open a file in your editor first.", file=sys.stderr)
    elif not requests:
        print(f"No suggestion was asked for yet. The model: {tell.model(servers[-1].model)}")
    for request in () if args.json else requests:
        print(f"{tell.clock(request.at)}  {tell.request(request)}\n          {tell.times(request)}")
    for each in () if args.json else found:
        print(f"{tell.clock(each.at)}  {tell.findings(each)}\n          {each.ms:.1f} ms, looking for bugs")
    return 0 if servers else 1
