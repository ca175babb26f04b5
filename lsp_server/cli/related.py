"""`tacit related`: the files that git's history says change together with one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from retrieval.cochange import COMMITS, CoChange, commits_of, top_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a file in a git work tree")
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many files (default: 10)")
    parser.add_argument(
        "--commits", type=int, default=COMMITS, metavar="N", help=f"commits to read (default: {COMMITS})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(args: argparse.Namespace) -> int:
    """Print the files, the surest first; 1 where there is no history, 2 for a bad argument."""
    if args.k < 1 or args.commits < 1:
        print("tacit related: nothing was asked for", file=sys.stderr)
        return 2
    path = Path(os.path.realpath(args.path))
    top = top_of(path.parent)
    if top is None:
        print(f"tacit related: {args.path} is in no git work tree", file=sys.stderr)
        return 1
    try:
        known = CoChange(commits_of(top, args.commits))
    except OSError as error:
        print(f"tacit related: git cannot be asked: {error.strerror}. Install git.", file=sys.stderr)
        return 1
    found = known.related(path.relative_to(top).as_posix(), args.k, there=top)
    if args.json:
        print(json.dumps([each._asdict() for each in found], ensure_ascii=False, indent=1))
        return 0
    for each in found:
        shown = os.path.relpath(top / each.path)
        print(f"{each.score:.2f}  {shown}  ({each.commits} commit{'s' if each.commits != 1 else ''})")
    if not found:
        print("No file has changed together with it.")
    return 0
