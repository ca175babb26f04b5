"""Neovim when its server is busy, missing, old, slow or crashing: typing goes on, one message helps."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.e2e.driver import World
from tests.e2e.nvim import Nvim, wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

LONGEST_MS = 16
"""One frame: nobody notices a key that is drawn within it."""

WATCHED = """
Longest = {}
local client = require('tacit.next_edit')
for name, call in pairs(client) do
  client[name] = function(...)
    local began = vim.uv.hrtime()
    local result = { call(...) }
    Longest[name] = math.max(Longest[name] or 0, (vim.uv.hrtime() - began) / 1e6)
    return unpack(result)
  end
end
"""
INIT = """
Messages = {}
vim.notify = function(message) table.insert(Messages, message) end
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = worlds.make(tmp_path)
    world.set_up("nvim")
    (world.home / "config" / "nvim" / "init.lua").write_text(INIT)
    return world


def neovim(world: World, launcher: Path) -> Nvim:
    return Nvim(launcher, world.folder / "shop.py", world.environment, world.home / "nvim.sock")


def messages(nvim: Nvim) -> list[str]:
    told: list[str] = nvim.lua("return Messages")
    return told


def serves(world: World, body: str) -> None:
    """Have the world's `tacit` be another program."""
    world.launcher.write_text(f"#!/bin/sh\n{body}\n")


def still_types(nvim: Nvim) -> None:
    nvim.press("ggOhello<Esc>")
    wait_for(lambda: nvim.lines()[0] == "hello", "what was typed")


def test_a_busy_server_blocks_no_key(world: World, launcher: Path) -> None:
    """It is stopped, so it reads and answers nothing. What other programs take from Neovim is not counted."""
    (world.home / "config" / "nvim" / "init.lua").write_text(WATCHED)
    with neovim(world, launcher) as nvim:
        (server,) = wait_for(world.server_ids, "the server", 30)
        wait_for(lambda: nvim.lua("return #vim.lsp.get_clients({ bufnr = 0 }) > 0"), "its client")
        nvim.press("Go")
        nvim.type("value = 1; " * 3)
        os.kill(server, signal.SIGSTOP)
        try:
            nvim.type("value = 1; " * 10, seconds_between=0.02)
            nvim.press("<Esc>dwu<Tab><Esc>")
            wait_for(lambda: nvim.lua("return Longest.request"), "the request")
            wait_for(lambda: nvim.lines()[-1].lstrip().startswith("value = 1; " * 13), "what was typed")
        finally:
            os.kill(server, signal.SIGCONT)
        longest: dict[str, float] = nvim.lua("return Longest")
    print("longest, in ms:", longest)
    assert {"changed", "request", "accept", "reject"} <= set(longest)
    assert max(longest.values()) <= LONGEST_MS


def test_a_missing_server_is_told_once(world: World, launcher: Path) -> None:
    world.launcher.unlink()
    with neovim(world, launcher) as nvim:
        told = wait_for(lambda: messages(nvim), "a message")
        nvim.call("nvim_command", "edit till.py")
        nvim.call("nvim_command", "edit lib.py")
        still_types(nvim)
        assert len(messages(nvim)) == 1
        assert "tacit setup nvim --write" in told[0]


def test_a_server_that_ends_again_and_again_is_left_alone(world: World, launcher: Path) -> None:
    serves(world, f"echo started >>{world.home}/starts; exit 7")
    with neovim(world, launcher) as nvim:
        told = wait_for(lambda: messages(nvim), "a message", 30)
        assert len(told) == 1
        assert "exit code 7" in told[0]
        assert "tacit doctor" in told[0]
        nvim.call("nvim_command", "edit till.py")
        still_types(nvim)
        time.sleep(1)
        assert (world.home / "starts").read_text().count("started") == 3
        assert len(messages(nvim)) == 1


def test_a_server_that_is_slow_to_answer_is_told_once(world: World, launcher: Path) -> None:
    serves(world, "exec sleep 60")
    init = world.home / "config" / "nvim" / "init.lua"
    init.write_text(INIT + "require('tacit.server').slow_ms = 300\n")
    with neovim(world, launcher) as nvim:
        told = wait_for(lambda: messages(nvim), "a message")
        still_types(nvim)
        assert len(told) == 1
        assert "tacit doctor" in told[0]


def test_an_older_server_is_told_once(world: World, launcher: Path) -> None:
    init = world.home / "config" / "nvim" / "init.lua"
    init.write_text(INIT + "require('tacit.server').oldest = '99.0.0'\n")
    with neovim(world, launcher) as nvim:
        told = wait_for(lambda: messages(nvim), "a message", 30)
        still_types(nvim)
        assert len(told) == 1
        assert "Update it" in told[0]


def test_checkhealth_says_how_it_is(world: World, launcher: Path) -> None:
    with neovim(world, launcher) as nvim:
        wait_for(world.server_ids, "the server", 30)
        wait_for(lambda: nvim.lua("return #vim.lsp.get_clients({ bufnr = 0 }) > 0"), "its client")
        nvim.call("nvim_command", "checkhealth tacit")
        report = "\n".join(nvim.lines())
        assert "the model: ready" in report
        assert "Take the suggestion" in report
        assert "ERROR" not in report
