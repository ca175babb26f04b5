"""`initialize`: who the client is, and what we can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.applying.previews import SCHEME
from lsp_server.client import Client, read_client
from lsp_server.config import Config
from lsp_server.envelope import Code
from lsp_server.findings.review import KIND as REVIEW
from lsp_server.protocol import Life, Refusal
from lsp_server.requests.execute_command import COMMANDS
from tacit import __version__

if TYPE_CHECKING:
    from lsp_server.server import Server


def handle(server: Server, params: Any) -> types.InitializeResult:
    """Take note of the client and announce the server. Must stay quick: editors wait for it."""
    if not isinstance(params, Mapping):
        raise Refusal(Code.INVALID_PARAMS, "`initialize` needs params")
    server.client = read_client(params)
    server.documents.encoding = server.client.encoding
    server.status.client = server.client.name
    server.protocol.life = Life.INITIALIZED
    server.configure("options", server.client.options)
    return types.InitializeResult(
        capabilities=capabilities(server.client, server.config),
        server_info=types.ServerInfo("tacit", __version__),
    )


def capabilities(client: Client, config: Config) -> types.ServerCapabilities:
    """What is announced. Inline completion always is: some clients can do it and do not say so."""
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding.value),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=True,
        ),
        inline_completion_provider=types.InlineCompletionOptions(),
        completion_provider=types.CompletionOptions() if offers_popup_items(client, config) else None,
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.RefactorRewrite, types.CodeActionKind.QuickFix, REVIEW],
            resolve_provider=client.resolves_edits,
        ),
        diagnostic_provider=(
            types.DiagnosticOptions(
                inter_file_dependencies=False, workspace_diagnostics=False, identifier="tacit"
            )
            if client.pulls_diagnostics
            else None
        ),
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMANDS)),
        workspace_symbol_provider=True,
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            ),
            text_document_content=types.TextDocumentContentOptions(schemes=[SCHEME]),
        ),
    )


def offers_popup_items(client: Client, config: Config) -> bool:
    """Whether suggestions also come through the completion popup: only where there is no better way."""
    if config.completion_items == "auto":
        return not client.inline_completion
    return config.completion_items == "always"
