"""What the code action menu offers for findings: the fix, why, and to dismiss it or take that back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from bug_finder import words
from lsp_server.convert import range_of
from lsp_server.envelope import Code
from lsp_server.findings.marks import Mark
from lsp_server.findings.wire import Which, diagnostic, which
from lsp_server.protocol import Refusal
from text.document import Document

if TYPE_CHECKING:
    from lsp_server.server import Server

KIND = types.CodeActionKind.QuickFix


def finding_actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
    """For the findings on the lines that are asked about."""
    uri = params.text_document.uri
    known = server.findings.known(uri)
    if known is None:
        return []
    document, marks = known
    first, last = params.range.start.line, params.range.end.line
    found = list(_actions(server, document, [each for each in marks if _on(document, each, first, last)]))
    for each in server.findings.dismissed(uri):
        if _on(document, each, first, last):
            title = f"Undo dismissal: {words.kind(each.finding)}"
            found.append(_command(server, title, "tacit.undoDismiss", document, each))
    return found


def _actions(
    server: Server, document: Document, marks: list[Mark]
) -> Iterator[types.CodeAction | types.Command]:
    for each in marks:
        if each.proposal and server.client.code_actions:
            yield _fix(server, document, each)
    for each in marks:
        yield _command(server, f"Why? {each.finding.message}", "tacit.whyFinding", document, each)
        title = f"Dismiss: {words.kind(each.finding)} in this project"
        yield _command(server, title, "tacit.dismiss", document, each)


def _fix(server: Server, document: Document, mark: Mark) -> types.CodeAction:
    data = {"fix": which(document, mark)}
    title = f"Fix: {mark.proposal} ({mark.finding.probability:.0%} sure)"
    told = [diagnostic(document, mark, server.documents.encoding)]
    edit = None if server.client.resolves_edits else _edit(server, document, mark)
    # Preferred: of the actions on a finding it is the one that mends it.
    return types.CodeAction(
        title, KIND, diagnostics=told, is_preferred=True, edit=edit, data=None if edit else data
    )


def fixed(server: Server, asked: Which) -> types.WorkspaceEdit:
    """The edit of a fix that was chosen. Raises Refusal where the finding no longer stands."""
    known = server.findings.known(asked.uri)
    mark = known and find(known[1], known[0], asked)
    if not known or mark is None or mark.finding.replacement is None:
        raise Refusal(Code.CONTENT_MODIFIED, "The text has changed since this was offered.")
    return _edit(server, known[0], mark)


def find(marks: tuple[Mark, ...], document: Document, asked: Which) -> Mark | None:
    """The mark that the client names; of several that are called the same, the nearest."""
    same = [each for each in marks if each.fingerprint == asked.finding]
    line = asked.line if asked.line is not None else 0
    return min(same, key=lambda each: abs(document.position(each.finding.start).line - line), default=None)


def _edit(server: Server, document: Document, mark: Mark) -> types.WorkspaceEdit:
    finding = mark.finding
    where = range_of(document, finding.start, finding.end, server.documents.encoding)
    change = types.TextEdit(where, finding.replacement or "")
    if not server.client.document_changes:
        return types.WorkspaceEdit(changes={document.uri: [change]})
    versioned = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(versioned, [change])])


def _command(
    server: Server, title: str, name: str, document: Document, mark: Mark
) -> types.CodeAction | types.Command:
    argument: Any = which(document, mark)
    run = types.Command(title, name, arguments=[argument])
    if not server.client.code_actions:
        return run
    told = [diagnostic(document, mark, server.documents.encoding)]
    return types.CodeAction(title, KIND, diagnostics=told, command=run)


def _on(document: Document, mark: Mark, first: int, last: int) -> bool:
    start, end = document.position(mark.finding.start).line, document.position(mark.finding.end).line
    return start <= last and first <= end
