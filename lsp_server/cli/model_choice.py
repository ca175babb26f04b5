"""The options --model and --tier of commands that run a model, and making that model ready."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from bench.client import server_command, server_environment
from engine.errors import ModelError
from engine.manifest import load_manifests
from lsp_server import loading
from lsp_server.config import Config


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Declare --model and --tier, of which one may be given."""
    options = parser.add_mutually_exclusive_group()
    options.add_argument("--model", help="a model's name, a model file or a converted folder")
    options.add_argument(
        "--tier", choices=("S", "M", "L"), help="the model of that size (default: as the server chooses)"
    )


def chosen_model(args: argparse.Namespace) -> str:
    """The name or path that the options mean; without options, TACIT_MODEL or what suits this machine."""
    if args.model:
        return str(args.model)
    if args.tier:
        return next(each.name for each in load_manifests() if each.tier == args.tier)
    return os.environ.get("TACIT_MODEL") or loading.choose(Config())


def make_ready(name: str) -> None:
    """Fetch and convert the model where that has not been done, with a progress bar; raises ModelError.

    In a child process, so that the memory which converting takes is not counted as the model's.
    """
    if loading.is_prepared(name):
        return
    command = server_command("models", "pull", name)
    # The child's own output goes to stderr: stdout belongs to the command's result.
    if subprocess.run(command, env=server_environment(), stdout=sys.stderr, check=False).returncode != 0:
        raise ModelError(f"The model {name} is not ready", "The lines above say why.")
