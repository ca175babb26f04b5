"""Marks as LSP's diagnostics, the same for push and pull."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from lsprotocol import types

from bug_finder import words
from lsp_server.applying.previews import SCHEME
from lsp_server.convert import range_of
from lsp_server.findings.marks import Mark
from text.document import Document
from text.positions import Encoding

SOURCE = "tacit"
KINDS = f"{SCHEME}://kinds/"
"""Where the kinds are described, for clients that show documents which only the server has."""

_SEVERITY = {
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


class Which(msgspec.Struct, frozen=True):
    """A finding that the client names: in a diagnostic's `data`, an action's, or a command's argument."""

    uri: str
    finding: str = ""  # its fingerprint
    version: int | None = None
    line: int | None = None  # from 0: one of several with the same fingerprint


def diagnostics(
    document: Document, marks: Sequence[Mark], encoding: Encoding, *, described: bool = False
) -> list[types.Diagnostic]:
    """In the order of the text; `described`: with a link to what their kinds are."""
    return [
        diagnostic(document, each, encoding, described=described)
        for each in sorted(marks, key=lambda mark: mark.finding.start)
    ]


def diagnostic(
    document: Document, mark: Mark, encoding: Encoding, *, described: bool = False
) -> types.Diagnostic:
    """One of them."""
    finding = mark.finding
    return types.Diagnostic(
        range=range_of(document, finding.start, finding.end, encoding),
        message=mark.message,
        severity=_SEVERITY[mark.level],
        code=finding.kind,
        code_description=types.CodeDescription(f"{KINDS}{finding.kind}.md") if described else None,
        source=SOURCE,
        data={
            **which(document, mark),
            "probability": round(finding.probability, 4),
            "replacement": finding.replacement,
        },
    )


def description(uri: str) -> str | None:
    """What a kind is, for the address in its diagnostics; None for other addresses."""
    if not (uri.startswith(KINDS) and uri.endswith(".md")):
        return None
    kind = uri[len(KINDS) : -len(".md")]
    return (
        f"# {words.titled(kind)}\n\n"
        "Something in a function that is probably not what was meant, and how probably. Of\n"
        "findings that are 70 % sure, seven in ten are right. The setting `bugs.precision` says how sure is\n"
        "sure enough.\n\n"
        f"- `tacit: ignore[{kind}]` in a comment silences the line that it is on, or the next.\n"
        "- *Dismiss*, in the code action menu, silences a finding in this project, wherever its code goes.\n"
        f"- `bugs.kinds = {{ {kind} = false }}` silences all of this kind.\n"
    )


def which(document: Document, mark: Mark) -> dict[str, Any]:
    """The mark as the client is to name it."""
    line = document.position(mark.finding.start).line
    made: dict[str, Any] = msgspec.to_builtins(Which(document.uri, mark.fingerprint, document.version, line))
    return made


def result_id(items: Sequence[types.Diagnostic]) -> str:
    """The same for the same diagnostics at the same places."""
    said = [(each.message, each.range, each.code) for each in items]
    return hashlib.blake2b(repr(said).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
