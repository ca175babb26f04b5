"""A real Helix in a terminal of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.terminal import Terminal

ESCAPE = "\x1b[27u"  # told apart from Alt, which the bare byte and the next key are read as
LANGUAGES = """\
[language-server.tacit]
command = "{command}"
args = ["-m", "tacit"]

[[language]]
name = "markdown"
language-servers = ["tacit"]

[[language]]
name = "python"
language-servers = ["tacit"]
"""


class Helix(Terminal):
    """One editor on one file; leave the `with` block to end it."""

    goodbye = f"{ESCAPE}:quit-all!\r"

    def __init__(self, launcher: Path, file: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__([launcher, file], folder, environment)

    def press(self, keys: str) -> None:
        """Keys as a terminal sends them."""
        self.send(keys)

    def screen(self) -> list[str]:
        """The rows as they are now, without blanks at their ends."""
        return self.rows()

    def choose(self, title: str) -> None:
        """Open the code action menu and pick the entry that begins so."""
        for _ in range(20):
            self.press(" a")
            with contextlib.suppress(AssertionError):
                rows = self.wait_for(title, seconds=1.5)
                break
            self.press(ESCAPE)  # The server, or a part of what it can do, is not there yet.
        else:
            raise AssertionError(f"no {title!r} in the menu:\n" + "\n".join(self.screen()))
        entries = [row for row in rows if "this sketch" in row or "(part " in row]
        at = next(number for number, row in enumerate(entries) if title in row)
        self.press("\x1b[B" * at + "\r")
