"""`tacit doctor`: is everything there that suggestions need? Each finding comes with its remedy."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from bench.client import Client, ClientError, server_command, server_environment
from engine.errors import PrepareError
from engine.manifest import Manifest, find
from engine.paths import cache_dir
from engine.prepare import converted
from lsp_server import loading, reports
from lsp_server.config import Config
from lsp_server.setup.changes import as_it_should_be
from lsp_server.setup.editors import NAMES, Editor, Machine, editor, program, this_machine, version
from retrieval.schema import StoreError, index_path
from retrieval.store import Store

GIGABYTE = 1e9
MEMORY_NEEDED = 1.5 * GIGABYTE
SLOW_START_S = 2.0
"""From the process's start to its answer to `initialize`; beyond it one waits for the editor."""


class Check(msgspec.Struct, frozen=True):
    """One finding. `remedy` is what to do about it, empty where all is well."""

    name: str
    status: Literal["ok", "warn", "fail"]
    finding: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Check everything; 1 where something fails."""
    checks = []
    for check in examine():
        checks.append(check)
        if not args.json:
            print(_line(check), flush=True)
    if args.json:
        print(msgspec.json.encode({"schema": 1, "checks": checks}).decode())
    return 1 if any(check.status == "fail" for check in checks) else 0


def examine() -> Iterator[Check]:
    """Every check, as soon as it is known."""
    yield cache_directory(cache_dir())
    yield memory(psutil.virtual_memory().available)
    name, chosen = machine()
    yield chosen
    if name:
        yield model(name)
        yield disk_space(cache_dir(), find(name))
    yield index(index_path())
    yield server(server_command("serve"))
    yield from running(reports.read_all())
    yield from editors(this_machine())


def cache_directory(folder: Path) -> Check:
    """Whether models can be kept: a file is written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"tacit")
    except OSError as error:
        finding = f"{folder} cannot be written: {error.strerror}"
        return Check(
            "cache", "fail", finding, "Make it writable, or set TACIT_CACHE_DIR to a folder that is."
        )
    return Check("cache", "ok", str(folder))


def memory(available: int) -> Check:
    """Whether a model fits into memory; `available` is in bytes."""
    finding = f"{available / GIGABYTE:.1f} GB available"
    if available < MEMORY_NEEDED:
        return Check(
            "memory", "warn", finding, "Close something, or choose a smaller model: `tacit models list`."
        )
    return Check("memory", "ok", finding)


def machine() -> tuple[str, Check]:
    """The model that the server will take here, and how that came about."""
    if named := os.environ.get("TACIT_MODEL"):
        return named, Check("machine", "ok", f"not measured, as TACIT_MODEL names {named}")
    try:
        name = loading.choose(Config())
    except (OSError, RuntimeError) as error:
        return "", Check(
            "machine", "fail", f"cannot be measured: {error}", "Name a model in the setting `model`."
        )
    return name, Check("machine", "ok", f"{psutil.cpu_count(logical=False)} cores, fast enough for {name}")


def model(name: str) -> Check:
    """Whether the model is on disk in the form that is loaded."""
    try:
        folder = converted(name)
    except PrepareError as error:
        return Check("model", "fail", str(error), error.remedy)
    if folder is None:
        remedy = f"Run `tacit models pull {name}`, or leave it to the server."
        return Check("model", "warn", f"{name} is not here yet", remedy)
    return Check("model", "ok", f"{name} in {folder}")


def disk_space(folder: Path, manifest: Manifest | None) -> Check:
    """Whether the download and the converted model fit, where they are still to come."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    # The conversion is about as large as the file, and is written beside it.
    needed = 0 if manifest is None or converted(manifest.name) else int(2.5 * manifest.file.size)
    finding = f"{free / GIGABYTE:.1f} GB free"
    if free < needed:
        missing = f"{(needed - free) / GIGABYTE:.1f} GB"
        return Check("disk", "fail", finding, f"Free {missing}, or move the cache with TACIT_CACHE_DIR.")
    return Check("disk", "ok", finding)


def index(path: Path) -> Check:
    """Whether there is a search index, and whether it can be used."""
    if not path.exists():
        return Check("index", "ok", "none yet; the server makes one of the folders that are opened")
    try:
        store = Store.open(path)
        try:
            folders = len({view.root for view in store.views()})
        finally:
            store.close()
    except StoreError as error:
        return Check("index", "fail", str(error), error.remedy)
    size = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))
    return Check("index", "ok", f"{folders} folder{'s' * (folders != 1)}, {size / 1e6:.0f} MB in {path}")


def server(command: list[str]) -> Check:
    """Whether the server starts and answers `initialize`."""
    started = time.perf_counter()
    try:
        with Client(command, env=server_environment()) as client:
            client.initialize(client_name="tacit doctor")
            seconds = time.perf_counter() - started
    except (ClientError, OSError, TimeoutError) as error:
        remedy = "`tacit serve </dev/null` shows what it complains about."
        return Check("server", "fail", f"does not answer: {error}", remedy)
    finding = f"answers {seconds * 1000:.0f} ms after its start"
    if seconds > SLOW_START_S:
        return Check("server", "warn", finding, "Try again: only the first start reads everything from disk.")
    return Check("server", "ok", finding)


def running(found: list[reports.Report]) -> Iterator[Check]:
    """Every editor's server that is without a model now, as where one on another machine is in trouble."""
    for report in found:
        if report.model.phase == "failed":
            finding = f"that of {report.client or 'an editor'} has no model: {report.model.detail}"
            yield Check("server", "fail", finding, "Once that is mended, `tacit.retryModel` in the editor.")


def editors(machine: Machine) -> Iterator[Check]:
    """Every editor on the PATH: whether it is new enough, and whether it starts this Tacit."""
    found = False
    for name in NAMES:
        known = editor(name)
        if path := program(known):
            found = True
            yield from one_editor(name, known, path, machine)
    if not found:
        names = ", ".join(editor(name).TITLE for name in NAMES)
        yield Check("editor", "warn", "none that Tacit knows is on the PATH", f"It knows {names}.")


def one_editor(name: str, known: Editor, path: str, machine: Machine) -> Iterator[Check]:
    """One that is there."""
    number = version(path) if known.OLDEST else ()
    shown = f"{known.TITLE} {'.'.join(map(str, number))}".rstrip()
    oldest = ".".join(map(str, known.OLDEST))
    if number < known.OLDEST:
        yield Check(
            "editor", "warn", f"{shown} lacks what Tacit uses", f"Install {known.TITLE} {oldest} or newer."
        )
    else:
        yield Check("editor", "ok", shown)
    changes = known.changes(machine)
    if not changes:
        yield Check("set up", "warn", f"{known.TITLE} cannot be", known.AFTERWARDS)
    elif as_it_should_be(changes):
        yield Check("set up", "ok", f"in {changes[0].path.parent}")
    else:
        yield Check(
            "set up", "warn", f"{known.TITLE} does not start this Tacit", f"Run `tacit setup {name} --write`."
        )


def _line(check: Check) -> str:
    mark = "FAIL" if check.status == "fail" else check.status
    remedy = f"\n{'':16}{check.remedy}" if check.remedy else ""
    return f"{mark:<6}{check.name:<10}{check.finding}{remedy}"
