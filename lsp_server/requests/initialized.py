"""`initialized`: from here on we may ask the client things; the slow part of starting begins."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.config import SECTION

if TYPE_CHECKING:
    from lsp_server.server import Server

log = logging.getLogger("tacit.server")

PATIENCE_S = 2.0
"""How long the client may take to tell its settings, before we start with those of `initialize`."""


def handle(server: Server, _params: Any) -> None:
    """Watch the editor, learn the settings, get a model."""
    server.initialized = True
    server.watch_editor()
    if server.client.registers_configuration:
        server.protocol.spawn(_register_for_changes(server))
    if server.client.watches_files:
        server.protocol.spawn(_watch_files(server))
    server.protocol.spawn(_start(server))


async def _start(server: Server) -> None:
    if server.client.pulls_configuration:
        await pull_configuration(server)
    if server.host.idle:
        server.host.start()
    server.index.configure()


async def pull_configuration(server: Server) -> None:
    """Ask the client for our section of its settings."""
    item = types.ConfigurationItem(section=SECTION)
    question = server.protocol.send_request_async(
        types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=[item])
    )
    try:
        answer = await asyncio.wait_for(question, PATIENCE_S)
    except Exception as error:
        log.warning("the client did not tell its settings: %s", type(error).__name__)
        return
    if isinstance(answer, list) and answer:
        server.configure("configuration", answer[0])


async def _register_for_changes(server: Server) -> None:
    change = types.Registration(
        id="tacit-configuration",
        method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
        register_options=types.DidChangeConfigurationRegistrationOptions(section=SECTION),
    )
    await _register(server, change)


async def _watch_files(server: Server) -> None:
    watched = types.Registration(
        id="tacit-files",
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=types.DidChangeWatchedFilesRegistrationOptions(
            watchers=[types.FileSystemWatcher(glob_pattern="**/*")]
        ),
    )
    await _register(server, watched)


async def _register(server: Server, registration: types.Registration) -> None:
    try:
        await server.client_register_capability_async(types.RegistrationParams([registration]))
    except JsonRpcException:
        log.debug("the client will not tell of %s", registration.method)
