"""A real Helix in a terminal of its own: keys go in, and its screen is read as text."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pexpect
import pyte

ROWS, COLUMNS = 36, 110

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


class Helix:
    """One editor on one file; leave the `with` block to end it."""

    def __init__(self, launcher: Path, file: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._screen = _Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._child = pexpect.spawn(
            str(launcher),
            [file],
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            cwd=str(folder),
            dimensions=(ROWS, COLUMNS),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._child.send("\x1b:quit-all!\r")
            self._read(0.5)
        self._child.close(force=True)

    def press(self, keys: str) -> None:
        """Keys as a terminal sends them."""
        self._child.send(keys)

    def screen(self) -> list[str]:
        """The rows as they are now, without blanks at their ends."""
        self._read(0.05)
        return [row.rstrip() for row in self._screen.display]

    def wait_for(self, *texts: str, without: str = "\0", seconds: float = 15) -> list[str]:
        """Wait until all of `texts` are on the screen, and `without` is not; the screen."""
        give_up = time.monotonic() + seconds
        while True:
            rows = self.screen()
            shown = "\n".join(rows)
            if all(text in shown for text in texts) and without not in shown:
                return rows
            assert time.monotonic() < give_up, f"waited in vain for {texts}:\n{shown}"

    def choose(self, title: str) -> None:
        """Open the code action menu and pick the entry that begins so."""
        for _ in range(20):
            self.press(" a")
            with contextlib.suppress(AssertionError):
                rows = self.wait_for(title, seconds=1.5)
                break
            self.press("\x1b")  # The server, or a part of what it can do, is not there yet.
            self._read(0.3)
        else:
            raise AssertionError(f"no {title!r} in the menu:\n" + "\n".join(self.screen()))
        entries = [row for row in rows if "this sketch" in row or "(part " in row]
        at = next(number for number, row in enumerate(entries) if title in row)
        self.press("\x1b[B" * at + "\r")

    def _read(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=left))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF as gone:
                raise OSError("Helix is gone") from gone


class _Screen(pyte.Screen):
    """Helix asks the terminal what it can do; pyte stumbles over some of these questions."""

    def report_device_status(self, *_: Any, **__: Any) -> None:
        """Give no answer."""

    def report_device_attributes(self, *_: Any, **__: Any) -> None:
        """Give no answer."""
