from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's cache or the servers that run on this machine."""
    monkeypatch.setenv("TACIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TACIT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("TACIT_MODEL", raising=False)
