"""`workspace/didChangeConfiguration`: other settings, sent along or to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsp_server.config import SECTION
from lsp_server.requests.initialized import pull_configuration

if TYPE_CHECKING:
    from lsp_server.server import Server

OF_THE_MODEL = (
    *("model", "threads", "tier_limit_ms", "context", "cache_megabytes", "share_model"),
    *("remote_url", "remote_model", "remote_format", "remote_key", "network_ca", "network_proxy"),
)


async def handle(server: Server, params: Any) -> None:
    """Use the new settings; a model that they do not describe is replaced."""
    before = server.config
    if server.client.pulls_configuration:
        await pull_configuration(server)
    elif isinstance(params, Mapping) and _is_ours(params.get("settings")):
        server.configure("configuration", params["settings"])
    after = server.config
    allowed = after.download and not before.download and server.host.ready is None
    room = server.host.instead and after.memory_megabytes != before.memory_megabytes
    if allowed or room or any(getattr(before, name) != getattr(after, name) for name in OF_THE_MODEL):
        server.host.start()
    else:
        server.host.configure(after)


def _is_ours(settings: Any) -> bool:
    """Clients that push send all sections or one.

    Null, or only other servers' sections, says nothing to us.
    """
    return isinstance(settings, Mapping) and SECTION in settings
