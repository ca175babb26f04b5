"""Which model is fast enough here, by what `engine.measuring` has found out once.

Kept free of heavy imports: what is known is looked up while the editor waits.
"""

from __future__ import annotations

import contextlib
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import psutil

from engine.manifest import load_manifests
from engine.paths import cache_dir
from engine.storage import write_whole
from engine.threads import default_threads

LIMIT_MS: Final = 300.0
BUSY: Final = 0.75  # load average for each processor
HOUR: Final = 3600  # seconds


class Speed(msgspec.Struct, frozen=True):
    """Milliseconds that a typical line takes, by tier. `machine` is what was measured: a change shows."""

    machine: str
    line_ms: Mapping[str, float]
    busy: bool = False  # other programs were running: the machine may be faster than this


def recall(threads: int | None = None) -> Speed | None:
    """Return what was measured on this machine; None where it has to be measured first, or better now.

    What was measured while other programs ran holds for an hour, and until a start finds the machine quiet.
    """
    with contextlib.suppress(OSError, msgspec.DecodeError):
        known = msgspec.json.decode(_path().read_bytes(), type=Speed)
        young = time.time() - _path().stat().st_mtime < HOUR
        if known.machine == machine(threads or default_threads()) and (not known.busy or young or is_busy()):
            return known
    return None


def keep(speed: Speed) -> None:
    """Remember what was measured; where nothing can be kept, each start measures anew."""
    with contextlib.suppress(OSError):
        write_whole(_path(), msgspec.json.encode(speed))


def choose(speed: Speed, limit_ms: float = LIMIT_MS) -> str:
    """Return the manifest's name of the largest model within `limit_ms`, of the smallest where none is."""
    models = [each for each in load_manifests() if each.role == "completion"]
    fast = [each for each in models if speed.line_ms.get(each.tier, float("inf")) <= limit_ms]
    return (fast or models[:1])[-1].name


def is_busy() -> bool:
    """Whether other programs want this machine's processors."""
    return bool(psutil.getloadavg()[0] >= BUSY * (psutil.cpu_count() or 1))


def machine(threads: int) -> str:
    """Name what the speed depends on."""
    name = platform.processor()
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{platform.machine()}, {name}, {threads} threads, onnxruntime {version('onnxruntime')}"


def _path() -> Path:
    return cache_dir() / "speed.json"
