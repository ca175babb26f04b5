"""`tacit feedback`: what became of suggestions on this machine, and what was learnt from it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter

import msgspec

from lsp_server import feedback


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "export", "reset", "delete"),
        default="show",
        help="show a summary (default), export all events as JSON lines, reset what was learnt and keep the"
        " record, or delete the record as well",
    )


def run(args: Namespace) -> int:
    """Do it; the record is this user's, of all servers and projects."""
    if args.action == "export":
        for event in feedback.events():
            print(msgspec.json.encode(event).decode())
    elif args.action == "reset":
        found = feedback.reset()
        print("What was learnt is forgotten." if found else "Nothing was learnt yet.", file=sys.stderr)
    elif args.action == "delete":
        print(f"{feedback.delete()} events deleted.", file=sys.stderr)
    else:
        _show()
    return 0


def _show() -> None:
    outcomes: dict[str, Counter[str]] = {}
    for event in feedback.events():
        counts = outcomes.setdefault(event.kind, Counter())
        counts.update([event.outcome, "shown"] + ["kept"] * (event.kept is True))
    if not outcomes:
        print("Nothing was recorded yet.")
        return
    names = ("shown", "accepted", "partly", "kept", "rejected", "undone", "ignored")
    print(f"{'':<14}" + "".join(f"{name:>10}" for name in names))
    for kind, counts in sorted(outcomes.items()):
        print(f"{kind:<14}" + "".join(f"{counts[name]:>10}" for name in names))
    print(f"\nKept on this machine only: {feedback.path()}")
