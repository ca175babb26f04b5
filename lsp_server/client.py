"""What the client said about itself in `initialize`, read leniently.

The raw JSON is read here instead of lsprotocol's types: one misspelt value among the hundreds of
capabilities must not cost the user the whole server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from text.positions import Encoding

CROSSING = frozenset(["sidekick.nvim", "tacit-vscode"])
"""Plugins that show an edit of another file in that file: sidekick.nvim, and ours for VS Code."""

CONFUSED = frozenset(["github copilot lsp for neovim"])
"""Plugins that show it in the file at hand, which it would damage: copilot-lsp."""


@dataclass(frozen=True, slots=True)
class Client:
    """One editor, or whatever speaks to us."""

    name: str = ""
    process_id: int | None = None
    encoding: Encoding = Encoding.UTF16
    roots: tuple[str, ...] = ()  # URIs
    options: Any = None  # initializationOptions, as sent
    inline_completion: bool = False
    progress: bool = False
    pulls_configuration: bool = False
    registers_configuration: bool = False
    watches_files: bool = False
    adjusts_indentation: bool = False
    code_actions: bool = False  # as objects; else it knows commands only
    resolves_edits: bool = False  # of code actions
    applies_edits: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    shows_documents: bool = False
    virtual_documents: bool = False
    pulls_diagnostics: bool = False  # and asks again when it is told to; else they are pushed
    asks_again: bool = False  # when it is told that a suggestion has come after its request was answered
    opens_files: bool = False  # to show a next edit of one that is not open
    plugin: str = ""  # that speaks for the editor, in small letters: initializationOptions.editorPluginInfo

    def crosses_files(self, *, asked_for: bool) -> bool:
        """Whether it shows an edit of another file in that file; `asked_for`: the user says so."""
        return self.plugin in CROSSING or (asked_for and self.plugin not in CONFUSED)

    @property
    def hides_errors(self) -> bool:
        """Whether it puts error replies into its log, where nobody sees them."""
        return self.name.lower() == "helix"

    @property
    def converts_line_ends(self) -> bool:
        """Whether files with \\r\\n have only \\n in its buffers, also in what it is told to insert."""
        return self.name.lower() in ("eglot", "emacs")


def read_client(params: Mapping[str, Any]) -> Client:
    """Read the params of `initialize`; what is missing or misspelt counts as not there."""
    capabilities = params.get("capabilities")
    process_id = params.get("processId")
    actions = _dig(capabilities, "textDocument", "codeAction")
    edits = _dig(capabilities, "workspace", "workspaceEdit")
    return Client(
        name=str(_dig(params, "clientInfo", "name") or ""),
        process_id=process_id if type(process_id) is int and process_id > 0 else None,
        encoding=_encoding(_dig(capabilities, "general", "positionEncodings")),
        roots=_roots(params),
        options=params.get("initializationOptions"),
        inline_completion=_dig(capabilities, "textDocument", "inlineCompletion") is not None,
        progress=_dig(capabilities, "window", "workDoneProgress") is True,
        pulls_configuration=_dig(capabilities, "workspace", "configuration") is True,
        registers_configuration=_dig(
            capabilities, "workspace", "didChangeConfiguration", "dynamicRegistration"
        )
        is True,
        watches_files=_dig(capabilities, "workspace", "didChangeWatchedFiles", "dynamicRegistration") is True,
        adjusts_indentation=_dig(
            capabilities, "textDocument", "completion", "completionItem", "insertTextModeSupport"
        )
        is not None,
        code_actions=_dig(actions, "codeActionLiteralSupport") is not None,
        resolves_edits=_holds(_dig(actions, "resolveSupport", "properties"), "edit"),
        applies_edits=_dig(capabilities, "workspace", "applyEdit") is True,
        document_changes=_dig(edits, "documentChanges") is True,
        change_annotations=_dig(edits, "changeAnnotationSupport") is not None,
        shows_documents=_dig(capabilities, "window", "showDocument", "support") is True,
        virtual_documents=_dig(capabilities, "workspace", "textDocumentContent") is not None,
        pulls_diagnostics=_dig(capabilities, "textDocument", "diagnostic") is not None
        and _dig(capabilities, "workspace", "diagnostics", "refreshSupport") is True,
        asks_again=_dig(capabilities, "experimental", "suggestionReady") is True,
        opens_files=_dig(capabilities, "experimental", "closedFiles") is True,
        plugin=str(_dig(params, "initializationOptions", "editorPluginInfo", "name") or "").lower(),
    )


def _encoding(offered: Any) -> Encoding:
    """UTF-16 unless the client offers nothing else.

    Every client can do UTF-16, and some compute in it whatever was agreed on.
    """
    known = [each.value for each in Encoding]
    usable = [each for each in offered if each in known] if isinstance(offered, list) else []
    return Encoding.UTF16 if not usable or "utf-16" in usable else Encoding(usable[0])


def _roots(params: Mapping[str, Any]) -> tuple[str, ...]:
    folders = params.get("workspaceFolders")
    uris = [_dig(folder, "uri") for folder in folders] if isinstance(folders, list) else []
    return tuple(uri for uri in uris or [params.get("rootUri")] if isinstance(uri, str))


def _holds(value: Any, item: str) -> bool:
    return isinstance(value, list) and item in value


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
