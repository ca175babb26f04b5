"""Helix: no ghost text and no plug-ins, so suggestions are entries of its menus."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lsp_server.setup.editors import version
from tests.e2e.conftest import editor
from tests.e2e.driver import Driver, World
from tests.e2e.helix import Helix
from tests.e2e.nvim import wait_for
from tests.e2e.picture import svg

NO_GHOST: Final = "it has no ghost text; the suggestion is an entry of the completion menu"
NOT_BY_ITSELF: Final = "a next edit is shown when it is asked for, by a key"
CANNOT: Final = {
    **dict.fromkeys(["ghost text", "late ghost text", "type through", "accept a word", "dismiss"], NO_GHOST),
    "next edit: late": NOT_BY_ITSELF,
}

KEYS: Final = {
    "leave": "",
    "accept": "\x0e\r",  # the entry below, and take it
    "next": "\x1bn",  # Alt-n, see below
    "reject": "\x1bx",  # Alt-x
    "delete word": "ed",
    "delete line": "xd",
    "undo": "u",
    "save": ":write\r",
    "restart": ":lsp-restart\r",
    "choose": "\r",
}
STATUS: Final = re.compile(r"(?:NOR|INS|SEL)\s+(\S+).*?(\d+):\d+\s*(?:\S+\s*)?$", re.MULTILINE)


@contextlib.contextmanager
def start(world: World) -> Iterator[Driver]:
    """Helix with `languages.toml` and the key for the next edit, as `editors/helix` says."""
    launcher = editor("helix")
    world.set_up("helix")
    languages = world.home / "config" / "helix" / "languages.toml"
    told = ", ".join(f"{key} = {json.dumps(value)}" for key, value in world.settings.items())
    server = "[language-server.tacit]\n"
    languages.write_text(
        languages.read_text().replace(server, f"{server}config = {{ tacit = {{ {told} }} }}\n")
    )
    with Helix(launcher, "notes.md", world.folder, world.environment) as terminal:
        terminal.wait_for("Make it positive")
        yield HelixDriver(world, terminal, ".".join(f"{part:02}" for part in version(str(launcher))))


class HelixDriver(Driver):
    """In a terminal; the buffer is read by writing the file."""

    def __init__(self, world: World, terminal: Helix, version: str) -> None:
        self._world = world
        self._terminal = terminal
        self._inserting = self._menu = False
        self.version = version

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        self._leave()
        self._terminal.send(f":open {file}:{line}:{column}\r")
        self.wait_for(file, f"{line}:{column}")

    def type(self, text: str, pause: float = 0.03) -> None:
        if not self._inserting:
            self._terminal.send("i")
            self._inserting = True
        self._terminal.type(text, pause)

    def press(self, action: str) -> None:
        if action == "accept":
            self._terminal.send(KEYS[action])
            return
        self._leave()
        if action == "look":
            self._open_menu("Next edit: line")
        elif action == "apply":
            self._terminal.choose("Apply this sketch")
        elif action in ("fixes", "quick fix"):
            self._open_menu("Fix:")
            self._terminal.send("\r" if action == "quick fix" else "")
        else:
            self._terminal.send(KEYS[action])

    def search(self, query: str) -> None:
        self._leave()
        self._terminal.send(" S")
        self._terminal.read(0.3)
        self._terminal.type(query, 0.05)
        for _ in range(8):  # until the index is there, little is found; another key asks again
            with contextlib.suppress(AssertionError):
                self.wait_for(".py", without=" 0/0 ", seconds=3)
                return
            self._terminal.type(f"\b{query[-1]}", 0.3)

    def screen(self) -> str:
        return "\n".join(self._terminal.rows())

    def suggests(self, typed: str, ghost: str) -> bool:
        return f" {ghost} " in self.screen()

    def shows_next(self, line: int, new: str) -> bool:
        return f"Next edit: line {line}" in self.screen()

    def picture(self) -> str:
        self._terminal.read(0.3)
        return svg(self._terminal.display)

    def text(self) -> str:
        path = self._world.folder / self.place()[0]
        before = _read(path)[0]
        self.press("save")
        with contextlib.suppress(AssertionError):
            wait_for(lambda: _read(path)[0] not in (0, before), "the file", seconds=3)
        self._terminal.read(0.05)
        return _read(path)[1].replace("\r\n", "\n")

    def place(self) -> tuple[str, int]:
        found = wait_for(lambda: STATUS.search(self.screen()), "a status line")
        return found[1], int(found[2])

    def _open_menu(self, title: str) -> None:
        for _ in range(20):
            self._terminal.send(" a")
            with contextlib.suppress(AssertionError):
                self.wait_for(title, seconds=1.5)
                self._menu = True
                return
            self._terminal.send("\x1b")
            self._terminal.read(0.2)
        raise AssertionError(f"no {title!r} in the menu:\n{self.screen()}")

    def _leave(self) -> None:
        """Back to normal mode, with no menu open."""
        if self._inserting or self._menu:
            for _ in range(2):
                self._terminal.send("\x1b")
                self._terminal.read(0.1)
            self._inserting = self._menu = False


def _read(path: Path) -> tuple[int, str]:
    """When it was written, and what it holds; nothing while it is being replaced."""
    try:
        return path.stat().st_mtime_ns, path.read_bytes().decode()
    except FileNotFoundError:
        return 0, ""
