from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from lsp_server.progress import ProgressBar
from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel

CREATE = "window/workDoneProgress/create"


@pytest.fixture
def client() -> Iterator[Connection]:
    with connected(ScriptedModel({})) as connection:
        yield connection


def show(client: Connection, *, capable: bool = True) -> list[str]:
    """Start a bar on the server's loop and move it twice; `client.notifications` has the rest."""
    client.initialize(capabilities={"window": {"workDoneProgress": capable}})
    cancelled: list[str] = []

    async def work(_: Any) -> None:
        bar = ProgressBar(client.server, "working", lambda: cancelled.append("yes"))
        bar.report("half", 50)
        bar.report("half", 50)
        await asyncio.sleep(0.05)
        while not cancelled and client.answers:
            await asyncio.sleep(0.01)
        bar.end()

    client.server.protocol.on_raw("tacit/work", work)
    if client.answers:
        client.notify("tacit/work")
    else:
        client.request("tacit/work")
    return cancelled


def kinds(client: Connection) -> list[str]:
    return [
        params["value"]["kind"] for method, params in list(client.notifications) if method == "$/progress"
    ]


def test_what_happened_before_the_editor_was_ready_is_told_then(client: Connection) -> None:
    client.answers[CREATE] = lambda _: None
    cancelled = show(client)
    client.wait_for(lambda: kinds(client) == ["begin", "report"])
    token = client.notifications[-1][1]["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    client.wait_for(lambda: kinds(client) == ["begin", "report", "end"])
    assert cancelled == ["yes"]


def test_an_editor_that_does_not_answer_is_not_waited_for(client: Connection) -> None:
    show(client)
    assert kinds(client) == []
    assert CREATE in client.asked


def test_an_editor_without_progress_is_not_asked(client: Connection) -> None:
    show(client, capable=False)
    assert kinds(client) == []
    assert CREATE not in client.asked
