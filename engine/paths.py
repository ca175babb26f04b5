"""Where Tacit keeps its files: a cache that may be deleted at any time, and a small state folder."""

from __future__ import annotations

import getpass
import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Folder for models and other things that can be made anew; `TACIT_CACHE_DIR` overrides it."""
    return Path(os.environ.get("TACIT_CACHE_DIR") or platformdirs.user_cache_dir("tacit", appauthor=False))


def state_dir() -> Path:
    """Folder for what running servers say about themselves; `TACIT_STATE_DIR` overrides it."""
    return Path(os.environ.get("TACIT_STATE_DIR") or platformdirs.user_state_dir("tacit", appauthor=False))


def runtime_dir() -> Path:
    """Folder for sockets, this user's alone and with a short path: one per state folder."""
    state = os.environ.get("TACIT_STATE_DIR", "")
    name = f"tacit-{hashlib.sha256(state.encode()).hexdigest()[:8]}" if state else "tacit"
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and os.access(base, os.W_OK):
        return Path(base) / name
    return Path(tempfile.gettempdir()) / f"{name}-{getpass.getuser()}"


def manifest_dir() -> Path:
    """Folder of the manifests and vocabularies that ship with Tacit."""
    return Path(__file__).resolve().parent.parent / "models"
