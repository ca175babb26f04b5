"""placeholder"""
from __future__ import annotations
from pathlib import Path
from engine.manifest import Manifest
from engine.progress import OnProgress
from engine.paths import cache_dir
def downloads_dir() -> Path:
    """Where model files are kept as they came."""
    return cache_dir() / "downloads"
def fetch(manifest: Manifest, destination: Path, progress: OnProgress) -> Path:
    return destination / manifest.file.name
