"""The clients of Vim and Emacs: where all is not well, and what no scenario asks for."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import random
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import pytest

from lsp_server.framing import read_frames
from tests.bug_finder.samples import MENDED, SHAPES, WRONG
from tests.e2e import scenarios, world
from tests.e2e.driver import Driver, World
from tests.e2e.nvim import wait_for

pytestmark = [pytest.mark.editor, pytest.mark.slow]

Start = Callable[[World], AbstractContextManager[Driver]]

OLD_SERVER = """
import json, sys
for line in sys.stdin.buffer:
    length = int(line.split()[1])
    sys.stdin.buffer.readline()
    asked = json.loads(sys.stdin.buffer.read(length))
    if "id" in asked:
        told = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": {"capabilities": {}}})
        sys.stdout.write(f"Content-Length: {len(told)}\\r\\n\\r\\n{told}")
        sys.stdout.flush()
    if asked["method"] == "exit":
        break
"""


@pytest.fixture(params=["vim", "emacs"])
def start(request: pytest.FixtureRequest) -> Start:
    module = importlib.import_module(f"tests.e2e.drivers.{request.param}")
    begin: Start = module.start
    return begin


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world.make(tmp_path_factory.mktemp("w"))


def stays_usable(editor: Driver) -> None:
    """What is typed arrives, Tab included."""
    editor.type("as ever")
    wait_for(lambda: "as ever" in editor.text(), "what was typed")


def told_once(editor: Driver, text: str) -> None:
    assert editor.wait_for(text, seconds=60).count(text) == 1


def test_without_the_program(start: Start, made: World) -> None:
    made.launcher.unlink()
    environment = dict(made.environment) | {"PATH": "/usr/bin:/bin"}
    with start(dataclasses.replace(made, environment=environment)) as editor:
        told_once(editor, "there is no program")
        editor.wait_for("pipx install tacit")
        stays_usable(editor)


def test_a_program_that_keeps_ending(start: Start, made: World) -> None:
    made.launcher.write_text("#!/bin/sh\nexit 3\n")
    with start(made) as editor:
        told_once(editor, "tacit doctor")
        stays_usable(editor)


def test_an_older_program(start: Start, made: World) -> None:
    script = made.home / "old.py"
    script.write_text(OLD_SERVER)
    made.launcher.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])}\n")
    with start(made) as editor:
        told_once(editor, "is older than this")
        editor.wait_for("pipx upgrade tacit")
        stays_usable(editor)


def test_a_program_that_is_slow_to_start(start: Start, made: World) -> None:
    server = made.launcher.read_text().removeprefix("#!/bin/sh\n")
    made.launcher.write_text(f"#!/bin/sh\nsleep 13\n{server}")
    with start(made) as editor:
        stays_usable(editor)
        assert not made.server_ids()
        told_once(editor, "slow to start")
        assert "tacit doctor" in editor.screen()
        wait_for(made.server_ids, "the server", seconds=60)
        stays_usable(editor)


@pytest.fixture
def vim(made: World) -> Iterator[Any]:
    """With what the editor sends to the server kept in a file."""
    server = made.launcher.read_text().removeprefix("#!/bin/sh\nexec ")
    made.launcher.write_text(f"#!/bin/sh\ntee {shlex.quote(str(made.home / 'sent'))} | {server}")
    with importlib.import_module("tests.e2e.drivers.vim").start(made) as driver:
        yield driver


CHANGES = (
    "normal! {line}Gdd",
    "normal! {line}GOnew é🎉",
    "{line}move 0",
    "{line}copy $",
    "silent! %s/n/é/",
    "silent! {line}join",
    "$delete",
    "silent! undo",
    "silent! redo",
    "1,$sort",
    "call append('$', ['', 'x'])",
)


@pytest.mark.parametrize(("file", "seed"), [("shop.py", 31), ("hard.py", 32), ("long.py", 33)])
def test_the_server_has_vims_text_after_changes_of_every_kind(
    vim: Any, made: World, file: str, seed: int
) -> None:
    vim.open(file)
    wait_for(made.server_ids, "the server", seconds=30)
    wait_for(lambda: sent(made, file), "the text that it begins with", seconds=30)
    chance = random.Random(seed)
    for _ in range(40):
        line = chance.randint(1, vim.ask("line('$')"))
        vim.ask(f"execute({json.dumps(chance.choice(CHANGES).format(line=line), ensure_ascii=False)})")
        if chance.random() < 0.5:
            vim.ask("execute('doautocmd TextChanged')")
    vim.ask("execute('doautocmd TextChanged')")
    newline = "\r\n" if file == "hard.py" else "\n"
    expected = vim.text().replace("\n", newline)
    with contextlib.suppress(AssertionError):
        wait_for(lambda: sent(made, file) == expected, "the server to have the text")
    assert sent(made, file) == expected


def sent(made: World, file: str) -> str:
    """The document as the server has it by now; the client sends whole lines."""
    lines: list[str] = []
    log = made.home / "sent"
    for body in read_frames(io.BytesIO(log.read_bytes() if log.exists() else b"")):
        assert isinstance(body, bytes), body.what
        message = msgspec.json.decode(body)
        params = message.get("params") or {}
        if not str((params.get("textDocument") or {}).get("uri")).endswith(f"/{file}"):
            continue
        if message["method"] == "textDocument/didOpen":
            lines = params["textDocument"]["text"].splitlines(keepends=True)
        for change in params.get("contentChanges", ()):
            first, last = change["range"]["start"], change["range"]["end"]
            assert first["character"] == last["character"] == 0
            lines[first["line"] : last["line"]] = change["text"].splitlines(keepends=True)
    return "".join(lines)


def test_vims_popup_menu_goes_first(vim: Any, made: World) -> None:
    scenarios.show_ghost_text(vim, made)
    vim.type("\x0e")  # Ctrl-N: a popup menu with the words of this file
    wait_for(lambda: vim.ask("pumvisible()"), "the popup menu")
    wait_for(lambda: "qty / 2" not in vim.screen(), "no ghost text beside it")
    before = vim.text()
    vim.type("\t")
    wait_for(lambda: vim.text() != before, "what Tab does there")
    assert "qty / 2" not in vim.text()


def test_vim_tells_one_thing_at_a_time(vim: Any, made: World) -> None:
    vim.open("notes.md")
    wait_for(lambda: sent(made, "notes.md"), "the server to have the text", seconds=30)
    vim.ask("execute(['TacitProblems', 'redraw'])")
    vim.wait_for("nothing was found: what is probably wrong here")
    assert vim.ask("winnr('$')") == 1
    vim.ask("execute('Tacit status')")
    vim.wait_for("ready", without="nothing was found")
    assert vim.ask("len(popup_list())") == 1


def test_a_finding_is_shown_and_fixed(start: Start, made: World) -> None:
    (made.folder / "bug.py").write_text(SHAPES)
    line = SHAPES[: SHAPES.index(WRONG)].count("\n") + 1
    column = SHAPES.splitlines()[line - 1].index(" is ") + 3
    everything = {"bugs.precision": 0.0, "bugs.maxPerFile": 100}
    with start(dataclasses.replace(made, settings={**made.settings, **everything})) as editor:
        editor.open("bug.py", line, column)
        editor.wait_for("■" if "Vim" in type(editor).__name__ else "!!", seconds=60)
        editor.press("quick fix")
        editor.wait_for_text(SHAPES.replace(WRONG, MENDED))
