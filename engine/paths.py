"""Where Tacit keeps its files: a cache that may be deleted at any time, and a small state folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Folder for models and other things that can be made anew; `TACIT_CACHE_DIR` overrides it."""
    return Path(os.environ.get("TACIT_CACHE_DIR") or platformdirs.user_cache_dir("tacit", appauthor=False))


def state_dir() -> Path:
    """Folder for what running servers say about themselves; `TACIT_STATE_DIR` overrides it."""
    return Path(os.environ.get("TACIT_STATE_DIR") or platformdirs.user_state_dir("tacit", appauthor=False))


def manifest_dir() -> Path:
    """Folder of the manifests and vocabularies that ship with Tacit."""
    return Path(__file__).resolve().parent.parent / "models"
