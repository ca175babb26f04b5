"""Neovim, set up by `tacit setup nvim`: driven over its socket, with a terminal to see its screen."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

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
    "dismiss": "<C-]>",
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
def start(world: World) -> Iterator[NvimDriver]:
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
        self.nvim = nvim
        self._terminal = terminal
        self._at_end = False
        found = re.search(r"v(\d+\.\d+\.\d+)", nvim.call("nvim_exec2", "version", {"output": True})["output"])
        self.version = found[1] if found else ""

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        self._settle("<Esc>")
        self.nvim.call("nvim_cmd", {"cmd": "drop", "args": [file]}, {})
        text = self.nvim.call("nvim_buf_get_lines", 0, line - 1, line, True)[0]
        self._at_end = column > len(text)
        self.nvim.call("nvim_win_set_cursor", 0, [line, len(text[: column - 1].encode())])

    def type(self, text: str, pause: float = 0.03) -> None:
        if self._mode() != "i":
            self.nvim.press("A" if self._at_end else "i")
            wait_for(lambda: self._mode() == "i", "insert mode")
        for character in text:
            self.nvim.press({"<": "<LT>", "\n": "<CR>", "\b": "<BS>"}.get(character, character))
            self._terminal.read(pause)

    def press(self, action: str) -> None:
        if action in ("fixes", "quick fix"):
            self._show_fixes()
            self.nvim.press("1<CR>" if action == "quick fix" else "")
        elif KEYS[action].startswith("<Esc>") and action != "reject":
            self._settle("<Esc>")
            self.nvim.press(KEYS[action].removeprefix("<Esc>"))
        else:
            self.nvim.press(KEYS[action])

    def _show_fixes(self) -> None:
        """The menu that `gra` opens, once there is something to mend."""
        wait_for(lambda: self.nvim.lua("return #vim.diagnostic.get(0) > 0"), "a finding", seconds=30)
        self.nvim.press("gra")
        self.wait_for("1: Fix")

    def search(self, query: str) -> None:
        self._settle("<Esc>")
        for _ in range(8):  # until the index is there, little is found
            self.nvim.call("nvim_input", f":lua vim.lsp.buf.workspace_symbol('{query}')<CR>")
            with contextlib.suppress(AssertionError):
                wait_for(lambda: self.nvim.lua("return #vim.fn.getqflist() > 0"), "an answer", seconds=3)
                return

    def screen(self) -> str:
        return "\n".join(self._terminal.rows())

    @property
    def display(self) -> Any:
        """The screen with its colours, a `pyte.Screen`."""
        self._terminal.read(0.3)
        return self._terminal.display

    def picture(self) -> str:
        return svg(self.display)

    def text(self) -> str:
        lines: list[str] = self.nvim.call("nvim_buf_get_lines", 0, 0, -1, True)
        return "".join(line + "\n" for line in lines)

    def place(self) -> tuple[str, int]:
        name, line = self.nvim.lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }")
        return name, line

    def _mode(self) -> str:
        mode: str = self.nvim.call("nvim_get_mode")["mode"]
        return mode

    def _settle(self, keys: str) -> None:
        if self._mode() != "n":
            self.nvim.press(keys)
            wait_for(lambda: self._mode() == "n", "normal mode")
