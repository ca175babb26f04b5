"""A plan as LSP's WorkspaceEdit: the least that changes, versioned where the client has that."""

from __future__ import annotations

from lsprotocol import types

from lsp_server.applying.hunks import Hunk
from lsp_server.applying.plan import FileChange, Plan
from lsp_server.client import Client
from lsp_server.convert import range_of

SURE = 0.75
"""A change that is less sure than this is confirmed by the user, where the editor can ask."""


def workspace_edit(plan: Plan, client: Client, *, review: bool) -> types.WorkspaceEdit:
    """All of the plan's edits; `review` has the editor show each part and ask."""
    if not client.document_changes:
        return types.WorkspaceEdit(
            changes={
                change.file.uri: [edit for hunk in change.hunks for edit in _edits(change, hunk, client)]
                for change in plan.changes
            }
        )
    annotations: dict[str, types.ChangeAnnotation] = {}
    changes = []
    for change in plan.changes:
        edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = []
        for hunk in change.hunks:
            plain = _edits(change, hunk, client)
            if client.change_annotations and (review or change.confidence < SURE):
                id = f"tacit-{len(annotations) + 1}"
                annotations[id] = _annotation(change, hunk)
                edits += [types.AnnotatedTextEdit(id, each.range, each.new_text) for each in plain]
            else:
                edits += plain
        where = types.OptionalVersionedTextDocumentIdentifier(change.file.uri, change.file.version)
        changes.append(types.TextDocumentEdit(where, edits))
    return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations or None)


def _edits(change: FileChange, hunk: Hunk, client: Client) -> list[types.TextEdit]:
    file = change.file
    # Some editors convert line ends when they open and save a file, and not in what they are told to insert.
    bare = client.converts_line_ends and file.version is None
    return [
        types.TextEdit(
            range_of(file.document, edit.start, edit.end, client.encoding),
            edit.new.replace("\r\n", "\n") if bare else edit.new,
        )
        for edit in hunk.edits
    ]


def _annotation(change: FileChange, hunk: Hunk) -> types.ChangeAnnotation:
    return types.ChangeAnnotation(
        label=f"{change.file.name}, {hunk.label}",
        needs_confirmation=True,
        description=f"{change.confidence:.0%} sure",
    )
