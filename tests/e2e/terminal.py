"""A program in a terminal of its own: keys go in, and its screen is read as text or drawn as a picture."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pexpect
import pyte

ROWS, COLUMNS = 36, 110


class Terminal:
    """One program; leave the `with` block to end it."""

    goodbye = ""
    """Keys that end the program; it is killed if they do not."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str],
        rows: int = ROWS,
        columns: int = COLUMNS,
    ) -> None:
        self.display = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self.display)
        self._child = pexpect.spawn(
            str(command[0]),
            [str(each) for each in command[1:]],
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            cwd=str(folder),
            dimensions=(rows, columns),
        )
        self._child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._child.send(self.goodbye)
            self.read(0.5)
        self._child.close(force=True)

    def send(self, keys: str) -> None:
        """Keys as a terminal sends them, all at once."""
        self._child.send(keys)

    def type(self, text: str, pause: float) -> None:
        """Characters, key by key; what the program draws meanwhile is read."""
        for character in text:
            self.send({"\n": "\r", "\b": "\x7f"}.get(character, character))
            self.read(pause)

    def rows(self) -> list[str]:
        """The rows as they are now, without blanks at their ends."""
        self.read(0.05)
        return [row.rstrip() for row in self.display.display]

    def wait_for(self, *texts: str, without: str = "\0", seconds: float = 15) -> list[str]:
        """Wait until all of `texts` are on the screen, and `without` is not; the screen."""
        give_up = time.monotonic() + seconds
        while True:
            rows = self.rows()
            shown = "\n".join(rows)
            if all(text in shown for text in texts) and without not in shown:
                return rows
            assert time.monotonic() < give_up, f"waited in vain for {texts}:\n{shown}"

    def read(self, seconds: float) -> None:
        """Draw what the program sends in this time; OSError once it is gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=left))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF as gone:
                raise OSError("the editor is gone") from gone


class _Screen(pyte.Screen):
    """Editors ask the terminal what it can do; pyte stumbles over some of these questions."""

    def report_device_status(self, *_: Any, **__: Any) -> None:
        """Give no answer."""

    def report_device_attributes(self, *_: Any, **__: Any) -> None:
        """Give no answer."""

    def set_margins(self, *arguments: Any, **_: Any) -> None:
        """Take the margins; a private sequence that pyte takes for them is none."""
        if len(arguments) <= 2 and not _:
            super().set_margins(*arguments)

    def select_graphic_rendition(self, *attributes: Any, **private: Any) -> None:
        """Take colours and the like; `CSI > 4 m` and its kin set key modes, and no underline."""
        if not private:
            super().select_graphic_rendition(*attributes)
