"""`tacit dashboard`: serves a page on this machine until it is interrupted."""

from __future__ import annotations

import sys
import webbrowser
from argparse import ArgumentParser, Namespace

from lsp_server.dashboard.serving import Dashboard


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, default=0, help="to listen on (default: a free one)")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


def run(args: Namespace) -> int:
    """Print the page's address and serve; 1 where the port is taken."""
    try:
        dashboard = Dashboard(args.port)
    except (OSError, OverflowError) as error:
        print(f"Port {args.port} cannot be used: {error}.", file=sys.stderr)
        return 1
    print(dashboard.url, flush=True)
    print("For this machine only. Ctrl-C ends it.", file=sys.stderr)
    if args.open:
        webbrowser.open(dashboard.url)
    try:
        dashboard.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        dashboard.server_close()
    return 0
