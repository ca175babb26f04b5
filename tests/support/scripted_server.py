"""The real server in a process of its own, with a model that reads from a script: only answers are not real.

python scripted_server.py '{"return ": "a + b\\n"}' [SLOW]
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.lanes import Lane
from lsp_server.server import Server
from tests.support.scripted import ScriptedModel, longest_suffix

if TYPE_CHECKING:
    from lsp_server.next_edits.seeking import State

LATE_S = 0.4


def command(script: dict[str, str], slow: str = "") -> list[str]:
    """The command line of a server whose model continues as `ScriptedModel` does with `script`.

    It thinks for LATE_S about a text that ends with `slow`, and before it searches a text with it.
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


def searches_slowly(server: Server, slow: str) -> None:
    """As on a busy machine: something else has the model's thread first."""
    search = server.next_edits.search

    def late(state: State, *rest: Any) -> Any:
        if slow in state.documents[state.path].text:
            server.lanes.submit(Lane.KEYSTROKE, "slow", lambda _: time.sleep(LATE_S))
        return search(state, *rest)

    server.next_edits.search = late  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    script, slow = [*sys.argv[1:], ""][:2]
    server = Server(model(json.loads(script), slow))
    if slow:
        searches_slowly(server, slow)
    # Out at once, as `tacit serve` goes, for the same reason.
    os._exit(server.serve(sys.stdin.buffer, sys.stdout.buffer))
