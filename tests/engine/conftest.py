from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tiny import SHAPES, tiny_graph


@pytest.fixture(scope="session", params=sorted(SHAPES))
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An fp32 graph of each architecture."""
    return tiny_graph(tmp_path_factory.mktemp("tiny"), request.param)
