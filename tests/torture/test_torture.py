"""The short form of each torture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.chamber import TORTURES, own_folders

SHORT = {
    **{"messages": 2_000, "edits": 3_000, "kills": 4, "day": 800, "sizes": 1},
    **{"typist": 200, "storms": 600, "trouble": 1, "workspace": 20},
}


@pytest.mark.parametrize("name", TORTURES)
def test_short(name: str, tmp_path: Path) -> None:
    with own_folders(tmp_path):
        TORTURES[name][0](SHORT[name], 7, tmp_path)
