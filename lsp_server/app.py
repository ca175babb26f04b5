"""The command line: finds the command's module, imports that one alone, and runs it.

Exit codes: 0 done, 1 failed, 2 usage, 3 refused for safety, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from tacit import __version__

# Read when numpy is loaded. Our products of matrices are small: two threads take five times the processor
# time for them, most of it waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "serve": "run the language server on stdio; editors start this, and it is what plain `tacit` does",
    "demo": "see it work in this terminal, without an editor",
    "setup": "print or write an editor's configuration",
    "doctor": "check model, machine, cache and editor, each with a remedy",
    "models": "list, pull, verify or remove models",
    "status": "what the running servers are doing: lanes, cache, latencies",
    "why": "why the last requests were answered, or not, the way they were",
    "trace": "export or remove the record of what became of every answer",
    "replay": "ask a kept question again: today's prompt and answer beside those of then",
    "dashboard": "a page on this machine that shows what the servers do, and why",
    "feedback": "what became of suggestions on this machine: show, export, reset or delete it",
    "apply": "turn a rough sketch of a change into an exact edit of a file, or refuse it",
    "index": "read a folder into the index that `tacit search` looks in, or bring it up to date",
    "search": "find code by what it does or what it is called",
    "bugs": "what is probably wrong in files and folders, or in a change: for terminals, CI and hooks",
    "related": "list the files that git's history says change together with one",
    "licences": "the licence of every package and model that Tacit needs, as they state it",
    "eval": "predict a file of cases through the server's own code",
    "bench": "measure this machine, beside peers where they are installed",
}


class Command(Protocol):
    """What each module in `lsp_server.cli` holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command (default: the process's arguments) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away (`tacit models list | head`); the interpreter must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(arguments: list[str]) -> int:
    name = _command_name(arguments)
    if name == "serve" and "serve" not in arguments[:1]:
        arguments.insert(0, "serve")
    command = _load(name) if name in COMMANDS else None
    args = _parser(name, command).parse_args(arguments)
    assert command is not None, "argparse has already refused unknown commands"
    return command.run(args)


def _command_name(arguments: Sequence[str]) -> str:
    """The first argument; plain `tacit`, and the `tacit --stdio` of some editors, mean `serve`."""
    first = arguments[0] if arguments else "serve"
    if first in ("-h", "--help", "--version"):
        return ""
    return "serve" if first.startswith("-") else first


def _load(name: str) -> Command:
    return cast(Command, importlib.import_module(f"lsp_server.cli.{name}"))


def _parser(name: str, command: Command | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tacit", description="A language server with a hunch about your next edit."
    )
    parser.add_argument("--version", action="version", version=f"tacit {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for each, summary in COMMANDS.items():
        subparser = commands.add_parser(each, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if each == name and command is not None:
            command.add_arguments(subparser)
    return parser
