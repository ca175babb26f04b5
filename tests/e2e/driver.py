"""What every scenario may ask of an editor, and the little world that it is asked in.

A driver is a module `tests/e2e/drivers/EDITOR.py` with `start(world)`, a context manager that gives a
`Driver`: the real editor, set up as `tacit setup` does, on the project `world.folder`. Where there is no such
editor, `start` skips the test with the reason (`conftest.editor` does). An editor in a terminal needs little
more than a table of keys: see `drivers/helix.py`.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from lsp_server.setup import changes, editors
from lsp_server.setup.editors import Machine

EDITORS: Final = {
    "nvim": "Neovim 0.12",
    "vim": "Vim 9.2",
    "emacs": "Emacs 30",
    "helix": "Helix 25.07",
    "vscode": "VS Code",
}
"""The editors of the suite, by the names of their drivers."""

ACTIONS: Final = {
    "accept": "take the ghost text",
    "accept word": "take its next word",
    "look": "show the next edit, where the editor does not by itself",
    "next": "go to the next edit, or make it where the cursor is there already",
    "dismiss": "dismiss the ghost text, and go on typing",
    "reject": "dismiss the next edit",
    "leave": "be done with typing (normal mode, where there is one)",
    "delete word": "delete the word that begins at the cursor",
    "delete line": "delete the cursor's line",
    "undo": "undo one step",
    "save": "write the file",
    "apply": "apply the sketch at the cursor",
    "choose": "take the first entry of the search",
    "fixes": "show what would mend the bug at the cursor, once it is found",
    "quick fix": "mend the bug at the cursor",
    "restart": "start the server again, where the editor does not by itself",
}
"""What `press` understands."""


@dataclass(frozen=True)
class World:
    """A project, an empty home, and a server whose model reads from a script."""

    folder: Path
    home: Path
    launcher: Path
    """The program `tacit`, also first on the PATH: it starts the server of this world."""
    settings: Mapping[str, Any]
    """What the server needs to be told, in the editor's own way, as the section `tacit`."""
    environment: Mapping[str, str]

    def set_up(self, editor: str) -> None:
        """What `tacit setup EDITOR --write` does, with the server of this world."""
        machine = Machine(self.environment, self.home, [str(self.launcher)])
        with contextlib.redirect_stdout(io.StringIO()):
            changes.write(editors.editor(editor).changes(machine))

    def server_ids(self) -> list[int]:
        """The processes of the servers that are up."""
        reports = Path(self.environment["TACIT_STATE_DIR"]) / "servers"
        return sorted(int(path.stem) for path in reports.glob("*.json") if _alive(int(path.stem)))


class Driver:
    """One editor, open on a project. Subclasses do all but waiting.

    Their module's `CANNOT` names the scenarios that the editor has no way to express, each with the reason.
    """

    version = ""

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        """Show a file of the project with the cursor there (both from 1; code points)."""
        raise NotImplementedError

    def type(self, text: str, pause: float = 0.03) -> None:
        """Type at the cursor, before the character under it, key by key; goes on where typing goes on."""
        raise NotImplementedError

    def press(self, action: str) -> None:
        """Do one of `ACTIONS` as a user of this editor does, by keys where there are any."""
        raise NotImplementedError

    def search(self, query: str) -> None:
        """Open the search for symbols of the workspace, and type the query."""
        raise NotImplementedError

    def screen(self) -> str:
        """What a person sees now, as text."""
        raise NotImplementedError

    def text(self) -> str:
        r"""The buffer at the cursor, with `\n` for its line ends."""
        raise NotImplementedError

    def place(self) -> tuple[str, int]:
        """The name of the file that the cursor is in, and the line (from 1)."""
        raise NotImplementedError

    def suggests(self, typed: str, ghost: str) -> bool:
        """Whether ghost text is on the screen, behind what was typed before it in its line."""
        return typed + ghost in self.screen()

    def shows_next(self, line: int, new: str) -> bool:
        """Whether the next edit, which brings `new` to the line (from 1), is on the screen."""
        return self.screen().count(new) > self.text().count(new)

    def picture(self) -> str:
        """The screen as SVG; empty where the driver makes none."""
        return ""

    def wait_for(self, *texts: str, without: str = "\0", seconds: float = 15) -> str:
        """Wait until all of `texts` are on the screen, and `without` is not; the screen."""
        give_up = time.monotonic() + seconds
        while True:
            shown = self.screen()
            if all(text in shown for text in texts) and without not in shown:
                return shown
            assert time.monotonic() < give_up, f"waited in vain for {texts}:\n{shown}"
            time.sleep(0.05)

    def wait_for_text(self, expected: str, seconds: float = 15) -> None:
        """Wait until the buffer holds exactly this."""
        give_up = time.monotonic() + seconds
        while (text := self.text()) != expected:
            assert time.monotonic() < give_up, (
                f"waited in vain for\n{expected}\nthere is\n{text}\n{self.screen()}"
            )
            time.sleep(0.05)


def _alive(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
