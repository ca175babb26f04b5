"""Helix when the server is missing, ends, is slow or old: it has no place for our messages, but goes on."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.e2e.driver import World
from tests.e2e.drivers import helix
from tests.e2e.nvim import wait_for
from tests.e2e.test_vim_emacs import OLD_SERVER

pytestmark = [pytest.mark.editor, pytest.mark.slow]


@pytest.fixture
def made(tmp_path: Path) -> World:
    return worlds.make(tmp_path)


@pytest.mark.parametrize("trouble", ["missing", "ending", "slow", "old"])
def test_helix_stays_usable_says_what_is_wrong_and_takes_the_remedy(made: World, trouble: str) -> None:
    server = made.launcher.read_text()
    old = made.home / "old.py"
    old.write_text(OLD_SERVER)
    programs = {
        "missing": "",
        "ending": "exit 3",
        "slow": "sleep 60",
        "old": f"exec {shlex.join([sys.executable, str(old)])}",
    }
    made.launcher.write_text(f"#!/bin/sh\n{programs[trouble]}\n")
    if trouble == "missing":
        made.launcher.unlink()
    with helix.start(made) as editor:
        editor.open("shop.py", 1, 1)
        editor.type("as ever\n")
        wait_for(lambda: editor.text().startswith("as ever\n"), "what was typed")
        editor.press("next")
        editor.wait_for("tacit.nextEdit", "not supported")  # one line, and the keys go on
        editor.type("still ")
        wait_for(lambda: "still " in editor.text(), "what was typed then")

        made.launcher.write_text(server)
        made.launcher.chmod(0o755)
        editor.press("restart")
        wait_for(made.server_ids, "the server, after `:lsp-restart`", seconds=60)
