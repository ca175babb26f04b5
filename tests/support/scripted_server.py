"""The real server in a process of its own, with a model that reads from a script: only answers are not real.

python scripted_server.py '{"return ": "a + b\\n"}'
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lsp_server.server import Server
from tests.support.scripted import ScriptedModel


def command(script: dict[str, str]) -> list[str]:
    """The command line of a server whose model continues as `ScriptedModel` does with `script`."""
    return [sys.executable, __file__, json.dumps(script)]


if __name__ == "__main__":
    script = json.loads(sys.argv[1])
    # Out at once, as `tacit serve` goes, for the same reason.
    os._exit(Server(ScriptedModel(script)).serve(sys.stdin.buffer, sys.stdout.buffer))
