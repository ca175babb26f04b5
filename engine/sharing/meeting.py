"""Where the servers of one user that want the same model find each other.

A lock, which the host holds while it lives, whatever ends it, and a socket beside it, in a folder that is
this user's alone. Both are named after what is shared, version included, so that only servers that understand
each other meet.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import time
from pathlib import Path
from typing import IO, Final

from engine.locks import try_lock
from engine.paths import runtime_dir
from engine.sharing.wire import Goodbye, Hello, Lost, Welcome, Wire

ANSWER_S: Final = 2.0
"""How long a host may take to say welcome."""

LOAD_S: Final = 20.0
"""How long another server may take to load the model before this one does so for itself."""

LONGEST_PATH: Final = 100
"""Bytes of a socket's path: systems allow little more."""


class Meeting:
    """The place for one model under one configuration."""

    def __init__(self, what: str, version: str) -> None:
        """`what` names all that a guest could notice. Raises OSError where there can be no such place."""
        if not hasattr(socket, "AF_UNIX"):
            raise OSError("this system has no Unix sockets")
        folder = runtime_dir()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder)
        name = hashlib.sha256(f"{version}\n{what}".encode()).hexdigest()[:16]
        self._version = version
        self._socket = folder / f"{name}.sock"
        self._lock = folder / f"{name}.lock"
        self._held: IO[bytes] | None = None
        if len(os.fsencode(self._socket)) > LONGEST_PATH:
            raise OSError(f"{folder} is too long a path for a socket")

    def find(self) -> tuple[Wire, Welcome] | None:
        """A host, or None: then this server holds the lock, and is to be the host.

        Waits while another one is loading. Raises OSError where neither comes true in time.
        """
        until = time.monotonic() + LOAD_S
        while time.monotonic() < until:
            if met := self._meet():
                return met
            if self._take_lock():
                return None
            time.sleep(0.05)
        raise TimeoutError("the server that was to load the model has not done so")

    def listen(self) -> socket.socket:
        """The socket that guests will find. Only for who holds the lock. Raises OSError."""
        self._socket.unlink(missing_ok=True)  # of a host that was killed
        listening = socket.socket(socket.AF_UNIX)
        try:
            listening.bind(os.fspath(self._socket))
            os.chmod(self._socket, 0o600)
            listening.listen()
        except OSError:
            listening.close()
            raise
        return listening

    def leave(self) -> None:
        """Let another one be the host."""
        if self._held is not None:
            with contextlib.suppress(OSError):
                self._socket.unlink(missing_ok=True)
            self._held.close()
            self._held = None

    def _take_lock(self) -> bool:
        file = self._lock.open("a+b")
        if try_lock(file):
            self._held = file
            return True
        file.close()
        return False

    def _meet(self) -> tuple[Wire, Welcome] | None:
        end = socket.socket(socket.AF_UNIX)
        end.settimeout(ANSWER_S)
        try:
            end.connect(os.fspath(self._socket))
        except OSError:
            end.close()
            return None
        wire = Wire(end)
        with contextlib.suppress(Lost):
            wire.send(Hello(self._version))
            match wire.from_host(ANSWER_S):
                case Welcome() as welcome:
                    return wire, welcome
                case Goodbye(reason):
                    wire.close()
                    raise OSError(reason)
        wire.close()
        return None


def _check_private(folder: Path) -> None:
    """Nobody else may put a socket there that we would talk to."""
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        raise PermissionError(f"{folder} is not this user's alone")
