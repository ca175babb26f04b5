"""What is on the disk of each model: its download, and what it was converted to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.architecture import Precision
from engine.converted import NotConverted, read_card
from engine.fetch import downloads_dir
from engine.manifest import Manifest
from engine.prepare import converted, models_dir
from engine.progress import OnProgress, Progress, ignore
from engine.source import sha256_of, size_of


@dataclass(frozen=True)
class Damage:
    """A file that is not as it was when it was verified."""

    path: Path
    what: str


def download_of(manifest: Manifest) -> Path | None:
    """The model's file as it came, if it is whole."""
    path = downloads_dir() / manifest.file.name
    return path if size_of(path) == manifest.file.size else None


def folders_of(manifest: Manifest) -> dict[Precision, Path]:
    """Where the model is ready to be loaded, by precision."""
    found = {precision: converted(manifest.name, precision) for precision in Precision}
    return {precision: folder for precision, folder in found.items() if folder}


def verify(manifest: Manifest, progress: OnProgress = ignore) -> list[Damage]:
    """Hash all that is there anew. Raises OSError where a file cannot be read."""
    return [*_damaged_download(manifest, progress), *_damaged_folders(manifest, progress)]


def remove(manifest: Manifest) -> int:
    """Delete all of the model, unfinished and outdated too; returns the bytes freed. Raises OSError.

    A server that has it loaded keeps it until it ends.
    """
    patterns = ((downloads_dir(), manifest.file.name), (models_dir(), f"{manifest.name}."))
    found = [
        path for folder, name in patterns for start in ("", ".") for path in folder.glob(f"{start}{name}*")
    ]
    # A lock that another process waits for must stay the same file.
    paths = [path for path in found if path.suffix != ".lock"]
    freed = sum(_size(path) for path in paths)
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return freed


def _damaged_download(manifest: Manifest, progress: OnProgress) -> Iterator[Damage]:
    wanted, path = manifest.file, downloads_dir() / manifest.file.name
    if path.exists() and not _hashes_to(path, wanted.sha256, progress):
        yield Damage(path, "its hash is not the manifest's")


def _damaged_folders(manifest: Manifest, progress: OnProgress) -> Iterator[Damage]:
    for folder in folders_of(manifest).values():
        try:
            files = read_card(folder).files
        except NotConverted as error:
            yield Damage(folder, str(error))
            continue
        for name, sha256 in files.items():
            if not (folder / name).is_file():
                yield Damage(folder / name, "it is missing")
            elif not _hashes_to(folder / name, sha256, progress):
                yield Damage(folder / name, "it changed after it was converted")


def _hashes_to(path: Path, sha256: str, progress: OnProgress) -> bool:
    size = path.stat().st_size
    return sha256_of(path, report=lambda done: progress(Progress("verify", done, size, path.name))) == sha256


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size
