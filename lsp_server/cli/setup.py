"""`tacit setup EDITOR`: print what makes the editor start this Tacit, write it, or take it away again.

Setting up twice changes nothing, removing leaves nothing behind; each change is shown.
"""

from __future__ import annotations

import argparse
import sys

from lsp_server.setup import changes
from lsp_server.setup.editors import NAMES, editor, this_machine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `EDITOR [--write | --remove]`."""
    parser.add_argument("editor", metavar="EDITOR", nargs="?", help=f"one of: {', '.join(NAMES)}")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write it, and back up what was there")
    action.add_argument("--remove", action="store_true", help="take away what --write has written")


def run(args: argparse.Namespace) -> int:
    """Set the editor up; 1 where a file cannot be changed, 2 for an editor that is not known."""
    if args.editor is None:
        print(f"tacit setup: which editor? One of: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    if args.editor not in NAMES:
        print(
            f"tacit setup: nothing is there for {args.editor!r}, only for {', '.join(NAMES)}. "
            "Any editor that starts language servers can start `tacit` (stdio, every language).",
            file=sys.stderr,
        )
        return 2
    known = editor(args.editor)
    try:
        wanted = known.changes(this_machine())
        (changes.write if args.write else changes.remove if args.remove else changes.show)(wanted)
    except (
        changes.CannotChange,
        PermissionError,
        FileExistsError,
        NotADirectoryError,
        IsADirectoryError,
    ) as error:
        print(f"tacit setup: {error}", file=sys.stderr)
        return 1
    if not args.remove:
        print(known.AFTERWARDS)
    if not args.write and not args.remove and wanted:
        print(f"Nothing was written; `tacit setup {args.editor} --write` does it.")
    return 0
