"""One file per message of the client. Each offers `handle(server, params)`; `register` names the methods."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.next_edits import wire
from lsp_server.requests import (
    cancel_request,
    code_action,
    code_action_resolve,
    completion,
    diagnostic,
    did_change,
    did_change_configuration,
    did_change_watched_files,
    did_change_workspace_folders,
    did_close,
    did_find_problems,
    did_focus,
    did_open,
    did_partially_accept_completion,
    did_save,
    did_show_inline_edit,
    execute_command,
    exit,
    initialize,
    initialized,
    inline_completion,
    inline_edit,
    progress_cancel,
    search,
    set_trace,
    shutdown,
    status,
    text_document_content,
    why,
    workspace_symbol,
)

if TYPE_CHECKING:
    from lsp_server.server import Server


def register(server: Server) -> None:
    """Answer every method that we know.

    Pygls's own handlers, which keep copies of documents, are not used.
    """
    on, on_raw = server.protocol.on, server.protocol.on_raw
    on_raw(types.INITIALIZE, partial(initialize.handle, server))
    on_raw(types.INITIALIZED, partial(initialized.handle, server))
    on_raw(types.SHUTDOWN, partial(shutdown.handle, server))
    on_raw(types.EXIT, partial(exit.handle, server))
    on_raw(types.CANCEL_REQUEST, partial(cancel_request.handle, server))
    on_raw(types.SET_TRACE, partial(set_trace.handle, server))
    on_raw(types.WORKSPACE_DID_CHANGE_CONFIGURATION, partial(did_change_configuration.handle, server))
    on(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, partial(progress_cancel.handle, server))
    on(types.TEXT_DOCUMENT_DID_OPEN, partial(did_open.handle, server))
    on(types.TEXT_DOCUMENT_DID_CHANGE, partial(did_change.handle, server))
    on(types.TEXT_DOCUMENT_DID_SAVE, partial(did_save.handle, server))
    on(types.TEXT_DOCUMENT_DID_CLOSE, partial(did_close.handle, server))
    on(types.TEXT_DOCUMENT_INLINE_COMPLETION, partial(inline_completion.handle, server))
    on(types.TEXT_DOCUMENT_COMPLETION, partial(completion.handle, server))
    on(types.TEXT_DOCUMENT_CODE_ACTION, partial(code_action.handle, server))
    on_raw(types.CODE_ACTION_RESOLVE, partial(code_action_resolve.handle, server))
    on(types.TEXT_DOCUMENT_DIAGNOSTIC, partial(diagnostic.handle, server))
    on(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, partial(text_document_content.handle, server))
    on(types.WORKSPACE_EXECUTE_COMMAND, partial(execute_command.handle, server))
    on(types.WORKSPACE_SYMBOL, partial(workspace_symbol.handle, server))
    on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, partial(did_change_watched_files.handle, server))
    on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, partial(did_change_workspace_folders.handle, server))
    on("tacit/search", partial(search.handle, server), search.Params)
    on(wire.METHOD, partial(inline_edit.handle, server), wire.Params)
    on(wire.DIAGNOSTICS, partial(did_find_problems.handle, server), wire.Diagnostics)
    on("textDocument/didFocus", partial(did_focus.handle, server), wire.Focus)
    on("textDocument/didShowInlineEdit", partial(did_show_inline_edit.handle, server), wire.Shown)
    on("textDocument/didShowCompletion", partial(did_show_inline_edit.handle, server), wire.Shown)
    on(
        "textDocument/didPartiallyAcceptCompletion",
        partial(did_partially_accept_completion.handle, server),
        wire.PartlyAccepted,
    )
    on("tacit/status", partial(status.handle, server), status.Params)
    on("tacit/why", partial(why.handle, server), why.Params)
