"""`tacit licences`: under which terms everything comes that Tacit needs, by its packages and manifests."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Literal

import msgspec

from engine.manifest import load_manifests
from tacit import __version__

UNSTATED = "not stated"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)")


class Part(msgspec.Struct, frozen=True):
    """One thing that Tacit needs."""

    kind: Literal["program", "package", "model"]
    name: str
    version: str
    licence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--extra",
        action="append",
        default=[],
        metavar="NAME",
        help="also what `pip install 'tacit[NAME]'` adds",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Print the list; 1 where a package does not say its licence, or Tacit is not installed as one."""
    try:
        parts = [Part("program", "tacit", __version__, "Apache-2.0"), *packages(args.extra), *models()]
    except metadata.PackageNotFoundError:
        print(
            "tacit licences: Tacit is not installed as a package here. Run `pip install .`.", file=sys.stderr
        )
        return 1
    if args.json:
        print(msgspec.json.encode({"schema": 1, "parts": parts}).decode())
    else:
        widths = [max(len(getattr(part, field)) for part in parts) for field in ("kind", "name", "version")]
        for part in parts:
            cells = zip((part.kind, part.name, part.version), widths, strict=True)
            print("  ".join([*(f"{cell:<{width}}" for cell, width in cells), part.licence]))
    return 1 if any(part.licence == UNSTATED for part in parts) else 0


def packages(extras: list[str]) -> list[Part]:
    """Tacit's dependencies and theirs, as far as this machine and its Python need them, by name.

    Raises PackageNotFoundError where Tacit itself is not installed.
    """
    found: dict[str, Part] = {}
    wanted = list(_required(metadata.distribution("tacit"), frozenset(extras)))
    seen = set()
    while wanted:
        name, extras_of_it = each = wanted.pop()
        if each in seen:
            continue
        seen.add(each)
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # for another system or Python
        found[name] = Part("package", package.name, package.version, licence(package.metadata))
        wanted += _required(package, extras_of_it)
    return [part for _, part in sorted(found.items())]


def models() -> Iterator[Part]:
    """The models that Tacit knows."""
    for manifest in load_manifests():
        yield Part("model", manifest.name, manifest.file.sha256[:12], manifest.licence)


def licence(about: metadata.PackageMetadata) -> str:
    """What a package says about its licence, in the newest form that it uses: PEP 639, or an older one."""
    if expressions := about.get_all("License-Expression"):
        return str(expressions[0])
    named = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ") and line.count(" :: ") > 1
    ]
    first, *more = str((about.get_all("License") or [""])[0]).strip().splitlines() or [""]
    if first and not more and len(first) < 60 and first.upper() != "UNKNOWN":
        return first
    return ", ".join(named) or UNSTATED


def _required(package: metadata.Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What the package needs, by normalised name, each with the extras that are needed of it."""
    for line in package.requires or ():
        needed, _, marker = line.partition(";")
        only_for = _EXTRA.findall(marker)
        if not only_for or extras.intersection(only_for):
            name, *more = _NAME.findall(re.sub(r"[<>=!~@(].*", "", needed))
            yield re.sub(r"[-_.]+", "-", name).lower(), frozenset(more)
