"""Chooses the model.

A machine that is not known is measured in a child process: models are made, run and thrown away.
The child is `python -m lsp_server.choosing THREADS LIMIT_MS`; it prints the name.
"""

from __future__ import annotations

import sys

import msgspec

from engine.errors import ModelError
from lsp_server import loading
from lsp_server.background import in_thread
from lsp_server.child import run_module
from lsp_server.config import Config


async def choose(config: Config) -> str:
    """The name of the best model that is fast enough here. Raises ModelError."""
    if name := await in_thread(lambda: loading.chosen(config)):
        return name
    lines: list[bytes] = []
    numbers = str(config.threads), str(config.tier_limit_ms)
    if await run_module("lsp_server.choosing", *numbers, on_line=lines.append) != 0 or not lines:
        raise ModelError("this machine could not be measured", "Name a model in the setting `model`.")
    return lines[-1].decode().strip()


if __name__ == "__main__":
    threads, limit_ms = map(int, sys.argv[1:])
    print(loading.choose(msgspec.structs.replace(Config(), threads=threads, tier_limit_ms=limit_ms)))
