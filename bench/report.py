"""Results of the benches: what was measured, at which commit, on which machine."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
LIBRARIES = ("onnxruntime", "numpy", "tokenizers", "pygls", "llama-cpp-python")
CPU_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
"""The instruction sets that decide how fast 8-bit models run."""


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile (share 0.5: the median) of `values`; NaN of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def summary(values: Sequence[float]) -> dict[str, float | int | None]:
    """Count, median, tails and maximum of some milliseconds, rounded for reading."""
    figures: dict[str, float | int | None] = {"n": len(values)}
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)):
        figures[name] = round(percentile(values, share), 1) if values else None
    return figures


def machine() -> dict[str, Any]:
    """The facts about this machine that timings depend on; the load average tells how quiet it was."""
    name, flags = _processor()
    return {
        "cpu": name,
        "flags": [flag for flag in CPU_FLAGS if flag in flags],
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": _versions(),
        "load_1_min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def commit() -> str | None:
    """This checkout's short commit, with "-dirty" where tracked files differ; None outside of a checkout."""
    if not (ROOT / ".git").exists():
        return None
    head = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results")
    return head and head + ("-dirty" if changed else "")


def save(bench: str, result: Any, folder: Path = RESULTS) -> Path | None:
    """File `result` under the bench's name in results/<commit>.json; None where there is no commit."""
    stamp = commit()
    if stamp is None:
        return None
    path = folder / f"{stamp}.json"
    document: dict[str, Any] = {"commit": stamp, "benches": {}}
    if path.exists():
        document = json.loads(path.read_text("utf-8"))
    document["benches"][bench] = {"machine": machine(), **result}
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _processor() -> tuple[str, set[str]]:
    """Name and instruction sets of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine(), set()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = facts.get("model name") or platform.machine()
    return name, set((facts.get("flags") or facts.get("Features") or "").split())


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _git(*arguments: str) -> str | None:
    try:
        output = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return output.strip()
