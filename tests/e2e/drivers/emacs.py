"""Emacs in a terminal with the package of editors/emacs; its buffers are read over a socket."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Final

from tests.e2e.asked import AskedDriver, Listener
from tests.e2e.conftest import editor
from tests.e2e.driver import World
from tests.e2e.nvim import wait_for
from tests.e2e.terminal import Terminal
from tests.support.fresh import ROOT

CANNOT: Final = {"completion menu": "ghost text instead"}

KEYS: Final = {
    "accept": "\t",
    "accept word": "\x1bf",  # M-f
    "look": "",
    "next": "\t",
    "reject": "\x07",  # C-g
    "dismiss": "\x07",
    "leave": "",
    "delete word": "\x1bd",  # M-d
    "delete line": "\x151\x0b",  # C-u 1 C-k
    "undo": "\x1f",  # C-/
    "save": "\x18\x13",  # C-x C-s
    "quick fix": "\x1bxeglot-code-action-quickfix\r",
    "choose": "n\r",
    "restart": "\x1bxtacit-restart\r",
}
PACKAGE: Final = """\
(add-to-list 'load-path {folder})
(require 'tacit)
(setq tacit-settings '({settings}))
(tacit-setup)
"""
BASE: Final = """\
(setq frame-background-mode 'dark inhibit-startup-screen t)
(setq make-backup-files nil auto-save-default nil create-lockfiles nil)
(mapc #'frame-set-background-mode (frame-list))

;; The test's own door: what is asked is evaluated in the buffer that the user sees.
(make-network-process
 :name "test" :host "127.0.0.1" :service {port} :coding 'utf-8
 :filter (lambda (process asked)
           (with-current-buffer (window-buffer)
             (process-send-string process (concat (json-serialize (eval (read asked) t)) "\\n")))))
"""
FOUND: Final = """\
(if (get-buffer "*xref*")
    (with-current-buffer "*xref*" (buffer-substring-no-properties (point-min) (point-max)))
  "")"""


@contextlib.contextmanager
def start(world: World, client: str = PACKAGE, ready: str = "tacit-mode") -> Iterator[EmacsDriver]:
    """Emacs with an init file as editors/emacs/README.md has it, and a socket to ask it through.

    `client` is that part of the file, with {folder} and {settings}; `ready` the mode that it switches on.
    """
    launcher, listener = editor("emacs"), Listener()
    init = world.home / ".emacs.d" / "init.el"
    init.parent.mkdir()
    folder = json.dumps(str(ROOT / "editors" / "emacs"))
    settings = " ".join(f":{key} {_lisp(value)}" for key, value in world.settings.items())
    set_up = client.replace("{folder}", folder).replace("{settings}", settings)
    init.write_text(BASE.format(port=listener.port) + set_up)
    with (
        Terminal([launcher, "-nw", "notes.md"], world.folder, world.environment) as terminal,
        listener.connection() as connection,
    ):
        terminal.wait_for("Make it positive", seconds=60)  # packages may not be compiled
        yield EmacsDriver(connection, terminal, ready)


def _lisp(value: object) -> str:
    return {True: "t", False: ":json-false"}[value] if isinstance(value, bool) else json.dumps(value)


class EmacsDriver(AskedDriver):
    """Keys through the terminal; questions through the socket, which Emacs answers between commands."""

    def __init__(self, connection: socket.socket, terminal: Terminal, ready: str) -> None:
        super().__init__(connection, terminal)
        self._ready = f"(if (bound-and-true-p {ready}) t :false)"
        self.version = self.ask("emacs-version")

    def open(self, file: str, line: int = 1, column: int = 1) -> None:
        self._terminal.send(f"\x18\x06{file}\r")  # C-x C-f
        wait_for(lambda: self.place()[0] == file, f"{file} to be open")
        # What is done before the server has seen the text is nothing that it could go on with.
        wait_for(lambda: self.ask(self._ready), "the server", seconds=30)
        self.ask(f"(progn (goto-char 1) (forward-line {line - 1}) (forward-char {column - 1}) t)")

    def type(self, text: str, pause: float = 0.03) -> None:
        self._terminal.type(text, pause)

    def press(self, action: str) -> None:
        if action in ("look", "next"):  # without anything shown, Tab indents: so a person looks first
            with contextlib.suppress(AssertionError):
                wait_for(lambda: self.ask("(if tacit--edit t :false)"), "a next edit", seconds=5)
                self._terminal.send(KEYS[action])
        elif action == "apply":
            self._terminal.send("\x1bxeglot-code-actions\r")
            self.wait_for("Pick an action")
            self._terminal.send("Apply this sketch to shop.py\r")
            self.wait_for("Proceed?")  # Eglot asks before it changes a file that is not open
            self._terminal.send("y")
        elif action == "fixes":
            wait_for(lambda: self.ask("(if (flymake-diagnostics) t :false)"), "a finding", seconds=30)
            self._terminal.send("\x1bxeglot-code-actions\r")
            self.wait_for("Pick an action")
            self._terminal.send("\t\t")  # names them
            self.wait_for("Fix: ", "Why")
        elif action == "quick fix":
            self._terminal.send(KEYS[action])
            with contextlib.suppress(AssertionError):  # one alone is taken without a question
                self.wait_for("Pick an action", seconds=3)
                self._terminal.send("\r")  # the first
        else:
            self._terminal.send(KEYS[action])

    def search(self, query: str) -> None:
        for _ in range(8):  # until the index is there, little is found
            self._terminal.send(f"\x1bxxref-find-apropos\r{query}\r")
            with contextlib.suppress(AssertionError):
                wait_for(lambda: re.search(r"^\S+\.py$", self.ask(FOUND), re.MULTILINE), "", seconds=3)
                return

    def text(self) -> str:
        text: str = self.ask("(buffer-substring-no-properties (point-min) (point-max))")
        return text

    def place(self) -> tuple[str, int]:
        name, line = self.ask(
            '(vector (file-name-nondirectory (or buffer-file-name "")) (line-number-at-pos))'
        )
        return name, line

    def question(self, expression: str) -> str:
        return expression
