"""Neovim, set up by `tacit setup nvim`: driven over its socket, with a terminal to see its screen."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.e2e.conftest import editor
from tests.e2e.driver import Driver, World
from tests.e2e.nvim import Nvim, wait_for
from tests.e2e.picture import svg
from tests.e2e.terminal import Terminal

CANNOT: Final = {"completion menu": "ghost text instead"}

KEYS: Final = {
    "accept": "<Tab>",
    "accept word": "<C-Right>",
    "look": "",
    "next": "<Tab>",
    "reject": "<Esc>",
    "leave": "<Esc>",
    "delete word": "<Esc>dw",
    "delete line": "<Esc>dd",
    "undo": "<Esc>u",
    "save": "<Esc>:write<CR>",
    "apply": "<Esc>:TacitApply<CR>",
    "choose": "<CR>",
    "restart": "",
}


@contextlib.contextmanager
def start(world: World) -> Iterator[Driver]:
    """Neovim with nothing but what `tacit setup nvim --write` makes, and the settings."""
    launcher = editor("nvim")
    folder = world.home / "config" / "nvim"
    world.set_up("nvim")
    told = json.dumps({"settings": {"tacit": dict(world.settings)}})
    (folder / "init.lua").write_text(f"vim.lsp.config('tacit', vim.json.decode([==[{told}]==]))\n")
    socket_path = world.home / "nvim.sock"
    attach: list[str | Path] = [launcher, "--server", socket_path, "--remote-ui"]
    with (
        Nvim(launcher, world.folder / "notes.md", world.environment, socket_path) as nvim,
        Terminal(attach, world.folder, world.environment) as terminal,
    ):
        terminal.wait_for("Make it positive")
        yield NvimDriver(nvim, terminal)


class NvimDriver(Driver):
    """Keys over the socket, and so in Neovim's notation."""

    def __init__(self, nvim: Nvim, terminal: Terminal) -> None:
        self._nvim = nvim
        self._terminal = terminal
        self._at_end = False
        found = re.search(r"v(\d+\.\d+\.\d+)", nvim.call("nvim_exec2", "version", {"output": True})["output"])
        self.version = found[1] if found else ""

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        self._settle("<Esc>")
        self._nvim.call("nvim_cmd", {"cmd": "edit", "args": [file]}, {})
        text = self._nvim.call("nvim_buf_get_lines", 0, line - 1, line, True)[0]
        self._at_end = column > len(text)
        self._nvim.call("nvim_win_set_cursor", 0, [line, len(text[: column - 1].encode())])

    def type(self, text: str, pause: float = 0.03) -> None:
        if self._mode() != "i":
            self._nvim.press("A" if self._at_end else "i")
            wait_for(lambda: self._mode() == "i", "insert mode")
        for character in text:
            self._nvim.press({"<": "<LT>", "\n": "<CR>", "\b": "<BS>"}.get(character, character))
            self._terminal.read(pause)

    def press(self, action: str) -> None:
        if action == "quick fix":
            self._take_fix()
        elif KEYS[action].startswith("<Esc>") and action != "reject":
            self._settle("<Esc>")
            self._nvim.press(KEYS[action].removeprefix("<Esc>"))
        else:
            self._nvim.press(KEYS[action])

    def _take_fix(self) -> None:
        """The first entry of the menu that `gra` opens, once there is something to mend."""
        wait_for(lambda: self._nvim.lua("return #vim.diagnostic.get(0) > 0"), "a finding", seconds=30)
        self._nvim.press("gra")
        self.wait_for("1: Fix")
        self._nvim.press("1<CR>")

    def search(self, query: str) -> None:
        self._settle("<Esc>")
        self._nvim.call("nvim_input", f":lua vim.lsp.buf.workspace_symbol('{query}')<CR>")

    def screen(self) -> str:
        return "\n".join(self._terminal.rows())

    def picture(self) -> str:
        self._terminal.read(0.3)
        return svg(self._terminal.display)

    def text(self) -> str:
        lines: list[str] = self._nvim.call("nvim_buf_get_lines", 0, 0, -1, True)
        return "".join(line + "\n" for line in lines)

    def place(self) -> tuple[str, int]:
        name, line = self._nvim.lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }")
        return name, line

    def _mode(self) -> str:
        mode: str = self._nvim.call("nvim_get_mode")["mode"]
        return mode

    def _settle(self, keys: str) -> None:
        if self._mode() != "n":
            self._nvim.press(keys)
            wait_for(lambda: self._mode() == "n", "normal mode")
