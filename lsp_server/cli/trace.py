"""`tacit trace`: the record of what became of every answer; see `lsp_server.trace`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

import msgspec

from lsp_server import trace, trace_prompts


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "action",
        choices=("export", "clear", "path"),
        help="export all of it as JSON lines, remove it and all kept prompts, or say where it is",
    )
    parser.add_argument(
        "--with-names", action="store_true", help="with the names of files, which are hashed otherwise"
    )


def run(args: Namespace) -> int:
    """Do it; the trace is this user's, of all servers."""
    if args.action == "export":
        entries = trace.read()
        for each in entries if args.with_names else trace.redacted(entries):
            print(msgspec.json.encode(each).decode())
    elif args.action == "clear":
        freed, prompts = trace.clear(), trace_prompts.clear()
        print(f"{freed:,} bytes of trace and {prompts} kept prompts removed.", file=sys.stderr)
    else:
        print(trace.folder())
    return 0
