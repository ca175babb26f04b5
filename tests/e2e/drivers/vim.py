"""Vim in a terminal with the plugin of editors/vim; its buffers are read over a channel of its own."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any, Final

from tests.e2e.asked import AskedDriver, Listener
from tests.e2e.conftest import editor
from tests.e2e.driver import World
from tests.e2e.nvim import wait_for
from tests.e2e.terminal import Terminal
from tests.support.fresh import ROOT

CANNOT: Final = {"completion menu": "ghost text instead"}

KEYS: Final = {
    "accept": "\t",
    "accept word": "\x1b[1;5C",  # Ctrl-Right
    "look": "",
    "next": "\t",
    "reject": "\x1b",
    "dismiss": "\x1d",  # Ctrl-]
    "leave": "",
    "delete word": "dw",
    "delete line": "dd",
    "undo": "u",
    "save": ":write\r",
    "apply": ":TacitAction\r",
    "fixes": ":TacitAction\r",
    "quick fix": ":TacitAction\r",
    "choose": "\r",
    "restart": "",
}
STAYS: Final = frozenset(["accept", "accept word", "look", "next", "dismiss", "reject", "choose"])
"""Actions that take the mode as it is."""


@contextlib.contextmanager
def start(world: World, client: str = "") -> Iterator[VimDriver]:
    """Vim with a vimrc as editors/vim/README.md has it, and a channel to ask it through.

    `client`: another part of the vimrc than the one that loads our plugin.
    """
    launcher, listener = editor("vim"), Listener()
    plugin = (
        f"let g:tacit_settings = json_decode('{json.dumps(dict(world.settings))}')\n"
        f"set runtimepath+={ROOT / 'editors' / 'vim'}\n"
    )
    (world.home / ".vimrc").write_text(
        f"source $VIMRUNTIME/defaults.vim\n{client or plugin}"
        f"let g:asked = ch_open('127.0.0.1:{listener.port}', #{{mode: 'json', waittime: 5000}})\n"
        "set noswapfile hidden\n"
    )
    with (
        Terminal([launcher, "notes.md"], world.folder, world.environment) as terminal,
        listener.connection() as connection,
    ):
        terminal.wait_for("Make it positive")
        yield VimDriver(connection, terminal)


class VimDriver(AskedDriver):
    """Keys through the terminal; questions through the channel, which Vim answers in any mode."""

    def __init__(self, connection: socket.socket, terminal: Terminal) -> None:
        super().__init__(connection, terminal)
        self._at_end = False
        number = self.ask("v:versionlong")
        self.version = f"{number // 1_000_000}.{number // 10_000 % 100}.{number % 10_000}"

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        self._settle()
        self._terminal.send(f":edit {file}\r")
        wait_for(lambda: self.place()[0] == file, f"{file} to be open")
        self._at_end = column > self.ask(f"strchars(getline({line}))")
        self.ask(f"setcursorcharpos({line}, {column})")

    def type(self, text: str, pause: float = 0.03) -> None:
        if not self._mode().startswith("i"):
            self._terminal.send("A" if self._at_end else "i")
            wait_for(lambda: self._mode().startswith("i"), "insert mode")
        self._terminal.type(text, pause)

    def press(self, action: str) -> None:
        if action not in STAYS:
            self._settle()
        if action == "fixes":
            self.wait_for("■", seconds=30)
        self._terminal.send(KEYS[action])
        if action in ("apply", "fixes", "quick fix"):
            self.wait_for("Apply this sketch" if action == "apply" else "Fix:")
            self._terminal.send("\r" if action != "fixes" else "")

    def search(self, query: str) -> None:
        self._settle()
        for _ in range(8):  # until the index is there, little is found
            self._terminal.send(f":TacitSearch {query}\r")
            with contextlib.suppress(AssertionError):
                wait_for(lambda: ".py" in self.ask("getqflist()->map('bufname(v:val.bufnr)')->join()"), "", 3)
                return

    def text(self) -> str:
        lines: list[str] = self.ask("getline(1, '$')")
        return "".join(line + "\n" for line in lines)

    def place(self) -> tuple[str, int]:
        name, line = self.ask("[expand('%:t'), line('.')]")
        return name, line

    def question(self, expression: str) -> str:
        return json.dumps(["expr", expression, -1])

    def answer(self, told: Any) -> Any:
        return told[1]

    def _mode(self) -> str:
        mode: str = self.ask("mode()")
        return mode

    def _settle(self) -> None:
        if self._mode() != "n":
            self._terminal.send("\x1b")
            wait_for(lambda: self._mode() == "n", "normal mode")
