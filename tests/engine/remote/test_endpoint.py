"""Who is asked, over what, and with what in hand."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cancel import Cancelled, CancelToken
from engine.remote.endpoint import Endpoint
from engine.remote.exchange import EndpointError, Late
from tests.lsp_server.chat_server import CERTIFICATES, DONE, ChatServer, chat_server, said

CA = str(CERTIFICATES / "ca.pem")
KEY = "sk-the-key-itself"


def ask(endpoint: Endpoint, seconds: float = 20, cancel: CancelToken | None = None) -> list[object]:
    return list(endpoint.events("completions", {}, cancel=cancel or CancelToken(), seconds=seconds))


@pytest.fixture
def secure() -> Iterator[ChatServer]:
    with chat_server(secure=True) as server:
        server.parts = [said(1), DONE]
        yield server


def test_a_certificate_of_one_s_own_authority(secure: ChatServer) -> None:
    assert ask(Endpoint(secure.url, "big", KEY, ca=CA)) == [1]
    assert secure.asked[0][1] == f"Bearer {KEY}"


def test_a_certificate_that_nobody_vouches_for(secure: ChatServer) -> None:
    with pytest.raises(EndpointError, match="certificate is not trusted"):
        ask(Endpoint(secure.url, "big", KEY))
    assert not secure.asked


def test_a_certificate_of_somebody_else(secure: ChatServer) -> None:
    with pytest.raises(EndpointError, match="certificate is not trusted"):
        ask(Endpoint(f"https://127.0.0.1:{secure.server_port}/v1", "big", KEY, ca=CA))
    assert not secure.asked


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(EndpointError, match="cannot be read"):
            Endpoint("https://localhost:1/v1", "big", ca=str(tmp_path / name)).check()


def test_a_server_that_speaks_no_tls_where_it_should() -> None:
    with chat_server() as server, pytest.raises(EndpointError, match="connection failed"):
        ask(Endpoint(server.url.replace("http:", "https:"), "big", KEY))


class Proxy:
    """Knows one name, `models.test`, and notes who was asked for."""

    def __init__(self, target: int) -> None:
        self.asked: list[bytes] = []
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        self.asked.append(head.split(b"\r\n")[0])
        if b"models.test" not in self.asked[-1]:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        if head.startswith(b"CONNECT"):
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            server.sendall(head)
        threading.Thread(target=_pour, args=(client, server), daemon=True).start()
        _pour(server, client)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(secure: ChatServer) -> Iterator[Proxy]:
    proxy = Proxy(secure.server_port)
    yield proxy
    proxy.close()


def test_a_proxy_carries_what_it_cannot_read(secure: ChatServer, proxy: Proxy) -> None:
    assert ask(Endpoint("https://models.test/v1", "big", KEY, ca=CA, proxy=proxy.url)) == [1]
    assert proxy.asked == [b"CONNECT models.test:443 HTTP/1.0"] or b"models.test:443" in proxy.asked[0]


def test_a_proxy_for_plain_http(secure: ChatServer) -> None:
    with chat_server() as server:
        server.parts = [said(2), DONE]
        proxy = Proxy(server.server_port)
        try:
            assert ask(Endpoint("http://models.test/v1", "big", proxy=proxy.url)) == [2]
        finally:
            proxy.close()
        assert proxy.asked == [b"POST http://models.test/v1/completions HTTP/1.1"]


def test_a_proxy_that_refuses(proxy: Proxy) -> None:
    with pytest.raises(EndpointError, match="proxy does not let it through"):
        ask(Endpoint("https://elsewhere.test/v1", "big", KEY, ca=CA, proxy=proxy.url))


def test_this_machine_is_asked_without_a_proxy_and_the_environment_s_is_never(
    secure: ChatServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert ask(Endpoint(secure.url, "big", ca=CA)) == [1]
    assert ask(Endpoint(secure.url, "big", ca=CA, proxy=proxy.url)) == [1]
    assert not proxy.asked


@pytest.mark.parametrize("proxy", ["proxy:3128", "https://proxy", "http://me:secret@proxy"])
def test_proxies_that_are_none(proxy: str) -> None:
    with pytest.raises(EndpointError, match="proxy's address must look like") as error:
        Endpoint("https://models.test/v1", "big", proxy=proxy).check()
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["two\nlines", "sk-ü", "sk\x00"])
def test_a_key_that_is_none_is_not_repeated(key: str) -> None:
    with pytest.raises(EndpointError, match="its key holds characters") as error:
        Endpoint("https://models.test/v1", "big", key).check()
    assert key not in f"{error.value!r} {error.value.__cause__!r}"


def test_offline_means_this_machine_only(secure: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_OFFLINE", "1")
    with pytest.raises(EndpointError, match="TACIT_OFFLINE"):
        Endpoint("https://models.test/v1", "big").check()
    assert ask(Endpoint(secure.url, "big", ca=CA)) == [1]


def test_nothing_that_stalls_is_waited_for() -> None:
    """A server that takes the connection and says nothing, not even a handshake."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/v1", f"https://localhost:{port}/v1"):
            with pytest.raises(Late):
                ask(Endpoint(url, "big"), seconds=0.1)
            cancel = CancelToken()
            threading.Timer(0.1, cancel.cancel).start()
            began = time.monotonic()
            with pytest.raises(Cancelled):
                ask(Endpoint(url, "big"), cancel=cancel)
            assert time.monotonic() - began < 10
