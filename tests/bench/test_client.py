from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.client import Client, LspError, ServerGone, server_command, server_environment
from tests.bench.conftest import ECHO_SERVER


def test_a_result_and_its_latency(client: Client) -> None:
    pending = client.send("echo", {"text": "ghöst 👻"})
    assert pending.result() == {"text": "ghöst 👻"}
    assert pending.done
    assert 0 < pending.latency_ms < 10_000


def test_replies_find_their_requests(client: Client) -> None:
    requests = [client.send("echo", [n]) for n in range(50)]
    assert [request.result() for request in reversed(requests)] == [[n] for n in reversed(range(50))]


def test_an_error_reply(client: Client) -> None:
    with pytest.raises(LspError, match="no") as caught:
        client.request("fail")
    assert (caught.value.code, caught.value.data) == (-32803, 7)


def test_a_reply_that_does_not_come(client: Client) -> None:
    with pytest.raises(TimeoutError):
        client.request("silence", timeout=0.05)


def test_the_servers_requests_are_answered_or_refused(client: Client) -> None:
    client.notify("ask back", "workspace/configuration")
    assert client.next_notification("answered")["result"] == [None, None]
    client.notify("ask back", "workspace/unheard")
    assert client.next_notification("answered")["error"]["code"] == -32601


def test_notifications_of_other_methods_are_passed_over(client: Client) -> None:
    seen: list[str] = []
    client.on_notification = lambda method, params: seen.append(method)
    client.notify("notify", "one")
    client.notify("notify", "two")
    assert client.next_notification("two") == 1
    assert seen == ["one", "two"]
    with pytest.raises(TimeoutError):
        client.next_notification("one", timeout=0.05)


def test_the_servers_death_fails_what_waits_and_what_comes(client: Client) -> None:
    waiting = client.send("silence")
    client.notify("die")
    with pytest.raises(ServerGone):
        waiting.result()
    with pytest.raises(ServerGone):
        client.next_notification("anything")
    with pytest.raises(ServerGone):
        client.request("echo")


def test_output_that_is_no_message_counts_as_the_end(client: Client) -> None:
    waiting = client.send("silence")
    client.notify("garbage")
    with pytest.raises(ServerGone, match="not a message"):
        waiting.result()


def test_more_than_the_pipes_hold(client: Client) -> None:
    """Both sides write at once: whoever stopped reading would stop the other for ever."""
    requests = [client.send("echo", "x" * 200_000) for _ in range(20)]
    assert all(len(request.result()) == 200_000 for request in requests)


def test_close_leaves_no_process(tmp_path: Path) -> None:
    with Client([sys.executable, str(ECHO_SERVER)], cwd=tmp_path) as client:
        client.initialize(tmp_path)
    assert client.process.returncode == 0


def test_the_servers_command_works_from_a_folder_that_shadows_everything(tmp_path: Path) -> None:
    for name in ("cache", "text", "engine", "tacit"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('shadowed')\n")
    with Client(server_command("--version"), cwd=tmp_path, env=server_environment()) as client:
        assert client.process.wait(30) == 0
