"""A picture of the dashboard: `python -m tests.e2e.dashboard [CHROMIUM]` writes docs/screens/dashboard.png.

A recorded session is played to a real server with a small real model, and a headless Chromium looks at the
page. CHROMIUM: its launcher; else what `vscode.sh` has got.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

from bench.client import Client, server_command, server_environment
from bench.editor import Editor
from bench.latency import WORKDAY, await_first_answer, strokes
from bench.session import load, unpack
from lsp_server.dashboard.serving import Dashboard
from tests.support.fresh import ROOT

PICTURE = ROOT / "docs" / "screens" / "dashboard.png"
MODEL = "smollm2-135m"
KEYS = 250
LARGEST = 100_000
"""Bytes of the picture."""


def take(chromium: Path, picture: Path) -> int:
    """Write the picture and return its size."""
    with tempfile.TemporaryDirectory(prefix="tacit-dashboard-") as folder:
        os.environ["TACIT_STATE_DIR"] = str(Path(folder) / "state")
        session = load(WORKDAY)
        root = unpack(WORKDAY, session, Path(folder))
        settings = {"shareModel": False, "trace": {"prompts": True}, "budgetMs": 2000}
        environment = server_environment(TACIT_MODEL=MODEL)
        with Client(server_command("serve"), cwd=root, env=environment) as client, Dashboard() as dashboard:
            client.initialize(root, client_name="an editor", options=settings)
            await_first_answer(client, root, time.perf_counter())
            editor = Editor(client, root)
            for number, _ in enumerate(islice(strokes(session, editor), KEYS)):
                pending = editor.ask()
                answer = pending.result(60) if number % 4 == 0 else None
                if answer and number % 20 == 0:
                    for _ in editor.accept(answer):
                        editor.backspace()
            client.request("tacit/search", {"query": "sum of all entries"})
            client.request("tacit/status", {})
            threading.Thread(target=dashboard.serve_forever, daemon=True).start()
            command = [
                str(chromium), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                f"--user-data-dir={folder}/browser", "--window-size=1000,900", "--virtual-time-budget=5000",
                f"--screenshot={picture}", dashboard.url,
            ]  # fmt: skip
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            dashboard.shutdown()
            client.shutdown()
    return picture.stat().st_size


if __name__ == "__main__":
    known = Path.home() / ".cache" / "tacit-editors" / "vscode" / "chromium"
    size = take(Path(sys.argv[1]) if len(sys.argv) > 1 else known, PICTURE)
    print(f"{PICTURE}: {size:,} bytes")
    if size > LARGEST:
        sys.exit(f"That is more than {LARGEST:,}.")
