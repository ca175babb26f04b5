"""An editor in a terminal that also answers questions: keys go in as a person's do, its state is asked for.

The editor is told to connect to a socket, and evaluates what comes through it.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

from tests.e2e.driver import Driver
from tests.e2e.picture import svg
from tests.e2e.terminal import Terminal


class Listener:
    """The socket that the editor connects to; leave the `with` block to close it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(60)
        self.port: int = self._socket.getsockname()[1]

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """The editor's; raises TimeoutError where it does not come."""
        with self._socket, self._socket.accept()[0] as connection:
            yield connection


class AskedDriver(Driver):
    """What is the same for editors that are driven like this."""

    def __init__(self, connection: socket.socket, terminal: Terminal) -> None:
        self._connection = connection
        self._terminal = terminal

    def question(self, expression: str) -> str:
        """The line that asks for an expression's worth."""
        raise NotImplementedError

    def answer(self, told: Any) -> Any:
        """The worth in what comes back, decoded from JSON."""
        return told

    def ask(self, expression: str) -> Any:
        """What an expression of the editor's own language is worth in the buffer that the user sees."""
        self._connection.sendall(self.question(expression).encode() + b"\n")
        received = b""
        give_up = time.monotonic() + 20
        self._connection.settimeout(0.05)
        while time.monotonic() < give_up:
            self._terminal.read(0.005)  # the editor would wait for a terminal that does not read
            with contextlib.suppress(TimeoutError):
                received += self._connection.recv(1 << 20)
            with contextlib.suppress(json.JSONDecodeError):
                return self.answer(json.loads(received))
        raise AssertionError(f"no answer to {expression}:\n{self.screen()}")

    def screen(self) -> str:
        return "\n".join(self._terminal.rows())

    def picture(self) -> str:
        self._terminal.read(0.3)
        return svg(self._terminal.display)
