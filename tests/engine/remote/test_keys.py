"""Where keys come from."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from engine.remote.exchange import EndpointError
from engine.remote.keys import key_of


def test_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "abc")
    assert key_of("MY_KEY") == "abc"
    assert key_of("MY_OTHER_KEY") == ""


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(EndpointError, match="pip install"):
        key_of("keyring:models")


def test_the_keyring_s(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring", reason="needs keyring: pip install 'tacit[keyring]'")
    backend: Any = pytest.importorskip("keyring.backend")

    class Ring(backend.KeyringBackend):  # type: ignore[misc]
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            if username == "broken":
                raise RuntimeError("the-key-itself")
            return {("tacit", "models"): "abc"}.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        assert key_of("keyring:models") == "abc"
        with pytest.raises(EndpointError, match="holds no key"):
            key_of("keyring:others")
        with pytest.raises(EndpointError, match="gives no key") as error:
            key_of("keyring:broken")
        assert "the-key-itself" not in str(error.value)
    finally:
        keyring.set_keyring(before)
