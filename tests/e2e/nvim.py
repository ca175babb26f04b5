"""A real Neovim without a screen, driven over its own MessagePack-RPC socket."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import msgspec

T = TypeVar("T")

GHOST_TEXT = """
local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
local mark = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
if not mark then return nil end
local lines = { mark[4].virt_text[1][1] }
for _, line in ipairs(mark[4].virt_lines or {}) do
  table.insert(lines, line[1][1])
end
return { mark[2], mark[3], lines }
"""

NEXT_EDIT = """
local namespace = vim.api.nvim_create_namespace('tacit.next_edit')
return #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, {}) > 0
"""


class GhostText(NamedTuple):
    """What Neovim shows: the row and byte column (0-based) that it stands at, and its lines."""

    row: int
    column: int
    lines: list[str]


class Nvim:
    """One editor on one file; leave the `with` block to end it."""

    def __init__(self, launcher: Path, file: Path, environment: Mapping[str, str], socket_path: Path) -> None:
        self._process = subprocess.Popen(
            [launcher, "--headless", "--listen", socket_path, file],
            env=environment,
            cwd=file.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._socket = socket.socket(socket.AF_UNIX)
        self._requests = 0
        wait_for(lambda: self._connect(socket_path), "Neovim's socket")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, EOFError):
            self.call("nvim_command", "qall!")
        self._socket.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()

    def call(self, method: str, *arguments: object) -> Any:
        """One API call; raises AssertionError with Neovim's message where Neovim refuses."""
        self._requests += 1
        self._socket.sendall(msgspec.msgpack.encode([0, self._requests, method, arguments]))
        received = b""
        while chunk := self._socket.recv(1 << 20):
            received += chunk
            with contextlib.suppress(msgspec.DecodeError):  # cut short: more is on its way
                _, _, error, result = msgspec.msgpack.decode(received)
                assert error is None, f"{method}: {error}"
                return result
        raise EOFError("Neovim is gone")

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua inside the editor and return what it returns."""
        return self.call("nvim_exec_lua", code, arguments)

    def press(self, keys: str) -> None:
        """Keys in Neovim's notation, e.g. `<Esc>` or `<Tab>`, all at once."""
        self.call("nvim_input", keys)

    def type(self, text: str, seconds_between: float = 0.05) -> None:
        """Type `text` as a person does, key by key, in insert mode."""
        for character in text:
            self.press({"<": "<LT>", "\n": "<CR>"}.get(character, character))
            time.sleep(seconds_between)

    def lines(self) -> list[str]:
        """The whole buffer."""
        lines: list[str] = self.call("nvim_buf_get_lines", 0, 0, -1, True)
        return lines

    def cursor(self) -> tuple[int, int]:
        """Row and byte column, both 0-based."""
        row, column = self.call("nvim_win_get_cursor", 0)
        return row - 1, column

    def ghost_text(self) -> GhostText | None:
        """The suggestion on the screen, if any."""
        shown = self.lua(GHOST_TEXT)
        return GhostText(*shown) if shown else None

    def shows_next_edit(self) -> bool:
        """Whether a next edit, or where it is, is drawn in this buffer."""
        return bool(self.lua(NEXT_EDIT))

    def _connect(self, path: Path) -> bool:
        if self._process.poll() is not None:
            assert self._process.stderr
            raise AssertionError(f"Neovim ended: {self._process.stderr.read().decode()}")
        with contextlib.suppress(OSError):
            self._socket.connect(os.fspath(path))
            return True
        return False


def wait_for(ready: Callable[[], T | None], what: str, seconds: float = 15) -> T:
    """Poll until `ready` returns something true, and return that."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := ready():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
