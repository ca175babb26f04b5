"""The endpoints that the settings name: one for instructions, one that writes in the model's place.

There is none unless it has both an address and a model's name. Blocking where a key comes from a keyring.
"""

from __future__ import annotations

from engine.remote.endpoint import Endpoint
from engine.remote.keys import key_of
from lsp_server.config import Config


def of_instructions(config: Config) -> Endpoint | None:
    """For `tacit.editSelection`. Raises EndpointError where its key cannot be had."""
    return _endpoint(config, config.endpoint, config.endpoint_model, config.endpoint_key)


def of_model(config: Config) -> Endpoint | None:
    """For ghost text and next edits. Raises EndpointError where its key cannot be had."""
    return _endpoint(config, config.remote_url, config.remote_model, config.remote_key)


def _endpoint(config: Config, url: str, model: str, key: str) -> Endpoint | None:
    if not url or not model:
        return None
    return Endpoint(url, model, key_of(key), config.network_ca, config.network_proxy)
