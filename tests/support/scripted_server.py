"""The real server in a process of its own, with a model that reads from a script: only answers are not real.

python scripted_server.py '{"return ": "a + b\\n"}' [SLOW]
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lsp_server.server import Server
from tests.support.scripted import ScriptedModel, longest_suffix

LATE_S = 0.4


def command(script: dict[str, str], slow: str = "") -> list[str]:
    """The command line of a server whose model continues as `ScriptedModel` does with `script`.

    It thinks for LATE_S about a text that ends with `slow`.
    """
    return [sys.executable, __file__, json.dumps(script), slow]


def model(script: dict[str, str], slow: str) -> ScriptedModel:
    """The model of `command`."""
    continuation = longest_suffix(script)

    def written(text: str) -> str:
        if slow and text.endswith(slow):
            time.sleep(LATE_S)
        return continuation(text)

    return ScriptedModel(written)


if __name__ == "__main__":
    script, slow = [*sys.argv[1:], ""][:2]
    # Out at once, as `tacit serve` goes, for the same reason.
    os._exit(Server(model(json.loads(script), slow)).serve(sys.stdin.buffer, sys.stdout.buffer))
