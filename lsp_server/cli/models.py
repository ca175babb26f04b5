"""`tacit models list|pull|verify|rm`: the models, where they are, and bringing them here.

`pull --progress-json` is for programs, the server among them: one JSON object per line on stdout,
`{"stage": "fetch" | "verify" | "convert", "done": n, "total": n, "detail": "..."}`; the last line is
`{"folder": "..."}`, or `{"error": "...", "remedy": "..."}` of a pull that failed.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from engine import inventory
from engine.architecture import Precision
from engine.errors import ModelError
from engine.manifest import Manifest, find, load_manifests
from engine.prepare import prepare
from engine.progress import DOING, OnProgress, Progress, ignore

_REPORT_SECONDS = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the models that Tacit knows, and which are here")
    pull = actions.add_parser("pull", help="fetch, verify and convert a model")
    verify = actions.add_parser("verify", help="hash what is here anew (default: every model)")
    remove = actions.add_parser("rm", help="delete a model from this machine")
    pull.add_argument("name", metavar="NAME", help="a name from `tacit models list`, or a .gguf file")
    pull.add_argument("--precision", choices=[*Precision], default=Precision.UQ8, help="default: %(default)s")
    verify.add_argument("names", metavar="NAME", nargs="*")
    remove.add_argument("names", metavar="NAME", nargs="+")
    for action in (listing, verify, remove):
        action.add_argument("--json", action="store_true", help="print one JSON document")
    output = pull.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument("--progress-json", action="store_true", help="print one JSON object per step")


def run(args: argparse.Namespace) -> int:
    """Do the action; 1 where it failed or found damage, 2 for a name that nobody knows."""
    unknown = [name for name in getattr(args, "names", ()) if find(name) is None]
    if unknown:
        known = ", ".join(each.name for each in load_manifests())
        print(f"tacit models: there is no model {unknown[0]!r}, only {known}.", file=sys.stderr)
        return 2
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "pull": _pull,
        "verify": _verify,
        "rm": _remove,
    }
    try:
        return actions[args.action](args)
    except OSError as error:
        print(f"tacit models: {error}", file=sys.stderr)
        return 1


def _list(args: argparse.Namespace) -> int:
    manifests = load_manifests()
    if args.json:
        _print_json({"models": [_described(manifest) for manifest in manifests]})
        return 0
    row = "{:<20} {:<5} {:>8}  {:<11} {}"
    print(row.format("NAME", "TIER", "DOWNLOAD", "LICENCE", "HERE"))
    for each in manifests:
        print(row.format(each.name, each.tier, _megabytes(each.file.size), each.licence, _state(each) or "-"))
    return 0


def _pull(args: argparse.Namespace) -> int:
    try:
        with _shown(args) as progress:
            folder = prepare(args.name, args.precision, progress)
    except ModelError as error:
        if args.progress_json:
            print(msgspec.json.encode({"error": str(error), "remedy": error.remedy}).decode())
        else:
            print(f"tacit models: {error}.\n{error.remedy}", file=sys.stderr)
        return 1
    if args.progress_json:
        print(msgspec.json.encode({"folder": str(folder)}).decode())
    elif args.json:
        _print_json({"name": args.name, "precision": args.precision, "folder": str(folder)})
    else:
        print(f"{args.name} is ready in {folder}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    names = args.names or [each.name for each in load_manifests()]
    manifests = [manifest for name in names if (manifest := find(name))]
    with _shown(args) as progress:
        found = {each.name: inventory.verify(each, progress) for each in manifests}
    if args.json:
        damaged = [{"name": name, "path": str(each.path), "what": each.what} for name, each in _pairs(found)]
        _print_json({"verified": names, "damaged": damaged})
    else:
        for each in manifests:
            _print_verified(each, found[each.name])
    return 1 if any(found.values()) else 0


def _remove(args: argparse.Namespace) -> int:
    freed = {name: inventory.remove(manifest) for name in args.names if (manifest := find(name))}
    if args.json:
        _print_json({"freed_bytes": freed})
    else:
        for name, size in freed.items():
            print(f"{name}: {f'removed, {_megabytes(size)} freed' if size else 'it was not here'}")
    return 0


def _print_verified(manifest: Manifest, damages: list[inventory.Damage]) -> None:
    if not damages:
        print(f"{manifest.name}: {'as it should be' if _state(manifest) else 'not here'}")
        return
    print(f"{manifest.name}: damaged")
    for damage in damages:
        print(f"  {damage.path}: {damage.what}")
    print(f"  `tacit models rm {manifest.name}`, then `tacit models pull {manifest.name}`, brings it anew.")


def _pairs(found: dict[str, list[inventory.Damage]]) -> Iterator[tuple[str, inventory.Damage]]:
    return ((name, damage) for name, damages in found.items() for damage in damages)


def _described(manifest: Manifest) -> dict[str, object]:
    return {
        "name": manifest.name,
        "title": manifest.title,
        "tier": manifest.tier,
        "licence": manifest.licence,
        "context": manifest.context,
        "bytes": manifest.file.size,
        "downloaded": inventory.download_of(manifest) is not None,
        "ready": {each.value: str(folder) for each, folder in inventory.folders_of(manifest).items()},
    }


def _state(manifest: Manifest) -> str:
    ready = inventory.folders_of(manifest)
    if ready:
        return f"ready ({', '.join(ready)})"
    return "downloaded" if inventory.download_of(manifest) else ""


@contextmanager
def _shown(args: argparse.Namespace) -> Iterator[OnProgress]:
    """Progress as lines of JSON, as a bar on a terminal's stderr, or not at all."""
    if getattr(args, "progress_json", False):
        yield _throttled(lambda step: print(msgspec.json.encode(step).decode(), flush=True))
    elif sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield ignore


@contextmanager
def _bar() -> Iterator[OnProgress]:
    # Imported late: programs that read JSON do not wait for it.
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    stage, note = TextColumn("{task.description}"), TextColumn("{task.fields[note]}")
    console = Console(stderr=True)
    with Bars(stage, BarColumn(24), TimeRemainingColumn(compact=True), note, console=console) as bars:
        tasks = {}

        def show(step: Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(DOING[step.stage], total=None, note="")
            bars.update(tasks[step.stage], completed=step.done, total=step.total or None, note=_note(step))

        yield show


def _note(step: Progress) -> str:
    if step.stage == "convert":
        return f"{step.done} of {step.total} layers" if step.total else step.detail
    source = f", {textwrap.shorten(step.detail, 20, placeholder='...')}" if step.stage == "fetch" else ""
    return f"{step.done / 1e6:.0f} of {_megabytes(step.total)}{source}"


def _throttled(show: OnProgress) -> OnProgress:
    """A few reports a second, and each stage's last one."""
    due = 0.0

    def report(step: Progress) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due or step.done == step.total:
            due = now + _REPORT_SECONDS
            show(step)

    return report


def _print_json(document: dict[str, object]) -> None:
    print(msgspec.json.encode({"schema": 1, **document}).decode())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
