"""`tacit why`: what became of the last requests for suggestions and of the last files read for bugs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from lsp_server import reports, tell, trace
from lsp_server.reports import Report, Request

ASKED = ("ghost-text", "next-edit", "apply", "symbols")
"""What somebody has asked for; the others come by themselves."""
KINDS = (*ASKED, "findings", "budget")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-n", "--last", type=int, default=1, metavar="N", help="the last N requests (default: 1)"
    )
    parser.add_argument("--kind", choices=KINDS, help="answers of this kind only")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: Namespace) -> int:
    """Print the newest answers of all servers, the newest last; 1 where none is known and no server runs."""
    servers = reports.read_all()
    last = max(args.last, 1)
    answers, outcomes = known(servers)
    requests = [each for each in answers if each.kind in ((args.kind,) if args.kind else ASKED)][-last:]
    found = sorted((each for server in servers for each in server.findings), key=lambda each: each.at)
    found = [] if args.kind else found[-last:]
    if args.json:
        document = {"schema": reports.SCHEMA, "requests": requests, "findings": found}
        print(msgspec.json.encode(document).decode())
    elif not servers and not requests:
        print("No server is running: open a file in your editor first.", file=sys.stderr)
    elif not requests:
        model = f" The model: {tell.model(servers[-1].model)}" if servers else ""
        print(f"No suggestion was asked for yet.{model}")
    for request in () if args.json else requests:
        then = f" Then: {outcomes[request.id]}." if request.id in outcomes else ""
        print(f"{tell.clock(request.at)}  {tell.request(request)}{then}\n          {tell.times(request)}")
    for each in () if args.json else found:
        print(f"{tell.clock(each.at)}  {tell.findings(each)}\n          {each.ms:.1f} ms, looking for bugs")
    for server in () if args.json else servers:
        if server.budget.level not in ("fine", "idle"):
            print(f"{server.budget.sentence} The model: {tell.model(server.model)}")
    return 0 if servers or requests else 1


def known(servers: list[Report]) -> tuple[list[Request], dict[str, str]]:
    """All answers, oldest first, and by id what became of those that were shown.

    From the trace; and from the running servers, in case they cannot write one.
    """
    answers: dict[str, Request] = {}
    outcomes: dict[str, str] = {}
    of_servers = [each for server in servers for each in server.requests]
    for number, each in enumerate([*of_servers, *trace.read()]):
        if each.about:
            outcomes[each.about] = each.outcome
        else:
            answers[each.id or str(number)] = each
    return sorted(answers.values(), key=lambda each: each.at), outcomes
