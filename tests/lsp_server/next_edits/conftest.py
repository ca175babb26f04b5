"""A client that is ready for next edits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lsp_server.connection import Connection, connected
from tests.lsp_server.next_edits.support import start
from tests.support.scripted import ScriptedModel


@pytest.fixture
def client(scripted_model: ScriptedModel) -> Iterator[Connection]:
    with connected(scripted_model) as connection:
        start(connection)
        yield connection
