"""`tacit serve`: the language server on stdin and stdout."""

from __future__ import annotations

import gc
import os
import sys
from argparse import ArgumentParser, Namespace
from typing import BinaryIO

LEVELS = ("debug", "info", "warning", "error")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options; the first two are what some editors add unasked."""
    parser.add_argument("--stdio", action="store_true", help="speak on stdin and stdout, as it does anyway")
    parser.add_argument("--clientProcessId", dest="client", help="accepted; `initialize` tells the same")
    parser.add_argument(
        "--log", choices=LEVELS, default="info", help="how much goes to stderr (default: info)"
    )


def run(args: Namespace) -> int:
    """Serve one client until it leaves."""
    # Start-up makes many objects and hardly any garbage: looking for it costs a tenth of the time.
    gc.disable()
    stdin, stdout = _take_streams()
    from lsp_server.logs import configure
    from lsp_server.server import Server

    configure(args.log)
    os.umask(0o077)  # Whatever is written is the user's alone.
    # Keys that need no model are answered while the model's thread runs Python: it must let go soon.
    sys.setswitchinterval(0.001)
    server = Server()
    gc.freeze()
    gc.enable()
    if stdin.isatty():
        print("Tacit waits for an editor to speak LSP. `tacit demo` shows it without one.", file=sys.stderr)
    try:
        code = server.serve(stdin, stdout)
    except KeyboardInterrupt:
        code = 130
    sys.stderr.flush()
    # Not `return code`: a thread inside native code cannot be joined, and would crash the interpreter as it
    # ends.
    os._exit(code)


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Move the protocol to file descriptors of its own.

    Whatever else prints to stdout, a native library included, then lands in stderr and not in the protocol;
    and no child can read from the editor's pipe.
    """
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return stdin, stdout
