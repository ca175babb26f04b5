"""A fresh virtual environment and a fresh copy of the sources, as on a machine that has neither."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.paths import cache_dir

ROOT = Path(__file__).resolve().parents[2]


def clone(destination: Path) -> Path:
    """What a clone would hold after committing everything: no ignored file comes along."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listing.split("\0"):
        if name and (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, destination / name)
    return destination


def virtual_environment(folder: Path) -> Path:
    """Make an empty environment; returns its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def environment(programs: Path, home: Path) -> Mapping[str, str]:
    """The variables of a new user whose shell has the virtual environment active.

    Only downloads are shared with the real user: packages (pip's cache) and models (ours).
    """
    pip_cache = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], check=True, capture_output=True, text=True
    )
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "PYTHON", "VIRTUAL_ENV"))}
    return inherited | {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PIP_CACHE_DIR": pip_cache.stdout.strip(),
        "TACIT_CACHE_DIR": str(cache_dir()),
        "TACIT_STATE_DIR": str(home / "tacit-state"),
    }
