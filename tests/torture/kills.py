"""Processes killed at random instants: each kind is back at once, and what was written is whole.

server   an editor's own, alone; the next one has to serve
host     one whose model a second editor uses, which has to go on with a model of its own
index    a server's index process, in the middle of a pass; a search has to find what was there before
parser   one of its parsers; the file that it was at has to be in the index all the same
"""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from bench.client import Client, server_command, server_environment
from lsp_server import trace
from retrieval.embedding import StaticEmbedding
from retrieval.schema import index_path
from retrieval.store import Store
from retrieval.sync import Syncer
from tests.bug_finder.samples import SHAPES, certain
from tests.retrieval.workspaces import change, fill, rows
from tests.support.tiny_folder import tiny_folder

WANTED_S = 2.0
"""From a kill to the next answer, with a small model."""

BACK_S = 4.0
"""What a busy machine may take instead."""

PATIENCE_S = 120.0

STABLE = "def keeps_still_{0}(a, b):\n    return a + b * {0}\n"


def run(amount: int, seed: int, folder: Path) -> dict[str, Any]:
    """`amount` kills in one workspace, of each kind a quarter; what is on disk is looked at after each."""
    world = _World(folder, random.Random(seed))
    kinds: list[tuple[str, Callable[[], float]]] = [
        ("server", world.kill_server),
        ("host", world.kill_host),
        ("index", world.kill_index),
        ("parser", world.kill_parser),
    ]
    back: dict[str, list[float]] = {name: [] for name, _ in kinds}
    with contextlib.suppress(KeyboardInterrupt):  # whoever has no more time learns how far it came
        for number in range(amount):
            name, kill = kinds[number % len(kinds)]
            back[name].append(kill())
            world.check()
    world.check_whole()
    times = [each for some in back.values() for each in some]
    seen = {
        "kills": {name: len(some) for name, some in back.items()},
        "back_s_p50": {name: round(statistics.median(some), 2) for name, some in back.items() if some},
        "back_s_max": {name: round(max(some), 2) for name, some in back.items() if some},
        "later_than_2_s": sum(each > WANTED_S for each in times),
        "held": world.held(),
    }
    assert sum(each > BACK_S for each in times) <= amount * 0.01, seen
    return seen


class _World:
    """A workspace, a model, and what is known to have been written."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._root = folder / "workspace"
        self._moving = self._root / "moving"
        self._model = tiny_folder(folder / "model")
        self._embedder = StaticEmbedding.load()
        self._rows: dict[str, Any] = {}
        self._answers: set[str] = set()
        self._dismissed = 0
        (self._root / "still").mkdir(parents=True)
        for number in range(30):
            (self._root / "still" / f"module{number}.py").write_text(STABLE.format(number))
        fill(self._moving, chance, 100)

    # One of each kind

    def kill_server(self) -> float:
        """A server at work; seconds until another one serves."""
        with self._editor() as first:
            self._serve(first)
            self._some_time()
            self._work(first)
            _kill(first)
        began = time.monotonic()
        with self._editor() as second:
            self._serve(second)
            return time.monotonic() - began

    def kill_host(self) -> float:
        """The server that has the model of two; seconds until the second has its own and answers."""
        with self._editor() as first:
            self._serve(first)
            with self._editor() as second:
                self._serve(second)
                self._some_time()
                _kill(first)
                began = time.monotonic()
                self._serve(second, alone=True)
                return time.monotonic() - began

    def kill_index(self) -> float:
        """The index process; seconds until a search finds again what was found before."""
        with self._editor() as client:
            process = self._indexing(client)
            self._some_time()
            process.kill()
            psutil.wait_procs([process], timeout=PATIENCE_S)
            began = time.monotonic()
            self._search(client)
            return time.monotonic() - began

    def kill_parser(self) -> float:
        """A parser, if one lives long enough; seconds until a search finds what it may have been at."""
        with self._editor() as client:
            process = self._indexing(client)
            self._search(client)
            deadline = time.monotonic() + PATIENCE_S
            while True:
                name = f"new_{self._chance.randrange(10**9)}"
                for number in range(20):
                    path = self._root / "fresh" / f"{number}.py"
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(f"def {name}_{number}(a):\n    return a + {number}\n")
                _changed(client, self._root / "fresh")
                time.sleep(self._chance.random() * 0.05)
                with contextlib.suppress(psutil.Error):
                    if parsers := process.children():
                        parsers[0].kill()
                        break
                assert time.monotonic() < deadline, "no parser was seen"
            began = time.monotonic()
            for number in range(20):
                self._search(client, f"{name}_{number}")
            return time.monotonic() - began

    # What servers do meanwhile

    @contextlib.contextmanager
    def _editor(self) -> Iterator[Client]:
        variables = server_environment(TACIT_MODEL=str(self._model), TACIT_BACKGROUND="always")
        with Client(server_command(), env=variables) as client:
            client.initialize(self._root, timeout=PATIENCE_S)
            yield client

    def _serve(self, client: Client, *, alone: bool = False) -> None:
        """Ask until the model has been asked; `alone`: this server's own."""
        path = self._some_file()
        client.open(path.as_uri(), "python", path.read_text())
        place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": 1, "character": 11}}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            client.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
            model = client.request("tacit/status")["model"]
            if model["phase"] == "ready" and not (alone and model["host"]):
                break
            assert time.monotonic() < deadline, model
            time.sleep(0.01)
        client.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def _work(self, client: Client) -> None:
        """Things that are written to disk: files, the index, a dismissal, the trace."""
        for _ in range(self._chance.randrange(6)):
            for name in change(self._moving, self._chance):
                _changed(client, self._moving / name)
        client.send("workspace/symbol", {"query": "keeps"})  # wakes the index
        if self._chance.random() < 0.5:
            uri = (self._root / f"shapes{self._chance.randrange(10**9)}.py").as_uri()
            client.open(uri, "python", SHAPES.replace("is_square", f"is_{self._chance.randrange(10**9)}"))
            found = client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
            which = next(each["data"] for each in found if certain(each["message"]))
            client.request("workspace/executeCommand", {"command": "tacit.dismiss", "arguments": [which]})
            self._dismissed += 1

    def _indexing(self, client: Client) -> psutil.Process:
        """The index process, while it looks at the workspace."""
        for _ in range(10):
            change(self._moving, self._chance)
        client.send("workspace/symbol", {"query": "keeps"})
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(client.process.pid).children():
                    if "lsp_server.workspace_index.process" in child.cmdline():
                        return child
            assert time.monotonic() < deadline, "no index process was seen"
            time.sleep(0.005)

    def _search(self, client: Client, name: str = "") -> None:
        """Ask for a definition that is there until it is found."""
        name = name or f"keeps_still_{self._chance.randrange(30)}"
        deadline = time.monotonic() + PATIENCE_S
        while name not in [
            each["name"] for each in client.request("workspace/symbol", {"query": name}) or []
        ]:
            assert time.monotonic() < deadline, f"{name} is not found"
            time.sleep(0.01)

    def _some_file(self) -> Path:
        return self._root / "still" / f"module{self._chance.randrange(30)}.py"

    def _some_time(self) -> None:
        time.sleep(self._chance.random() * self._chance.choice([0.05, 0.5]))

    # What is on disk

    def check(self) -> None:
        """Everything can be read, and what was there is there."""
        for path in (self._folder / "state").rglob("*.json"):
            json.loads(path.read_bytes())
        for path in self._folder.rglob("*.sqlite3"):
            with contextlib.closing(sqlite3.connect(path)) as database:
                assert database.execute("pragma integrity_check").fetchall() == [("ok",)], path
        answers = {each.id for each in trace.read()}
        assert self._answers <= answers, f"{len(self._answers - answers)} answers are gone from the trace"
        self._answers = answers
        if (kept := self._folder / "state" / "dismissed.sqlite3").exists():
            with contextlib.closing(sqlite3.connect(kept)) as database:
                (count,) = database.execute("select count(*) from dismissed").fetchone()
            assert count >= self._dismissed
        if index_path().exists():
            with self._index() as (store, syncer):
                assert store.check() == []
                assert list(syncer.problems()) == []
                found = {
                    path: rows for path, rows in rows(store, syncer).items() if path.startswith("still/")
                }
                assert self._rows.items() <= found.items()
                self._rows = found

    def check_whole(self) -> None:
        """After one more pass the index is what a new one would be."""
        fresh_path = self._folder / "fresh.db"
        with self._index() as (store, syncer):
            syncer.sync()
            fresh = Store.open(fresh_path, self._embedder)
            with Syncer(fresh, self._root) as other:
                other.sync()
                assert rows(store, syncer) == rows(fresh, other)
            fresh.close()

    def held(self) -> dict[str, int]:
        """How much of what was written was known to be there at the end."""
        return {"answers": len(self._answers), "dismissed": self._dismissed, "files": len(self._rows)}

    @contextlib.contextmanager
    def _index(self) -> Iterator[tuple[Store, Syncer]]:
        store = Store.open(index_path(), self._embedder)
        with Syncer(store, self._root) as syncer:
            yield store, syncer
        store.close()


def _changed(client: Client, path: Path) -> None:
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})


def _kill(client: Client) -> None:
    process = psutil.Process(client.process.pid)
    own = process.children(recursive=True)
    process.kill()
    _, left = psutil.wait_procs(own, timeout=PATIENCE_S)
    assert not left, f"processes are left behind: {left}"
