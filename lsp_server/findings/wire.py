"""Marks as LSP's diagnostics, the same for push and pull."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from lsprotocol import types

from lsp_server.convert import range_of
from lsp_server.findings.marks import Mark
from text.document import Document
from text.positions import Encoding

SOURCE = "tacit"

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


def diagnostics(document: Document, marks: Sequence[Mark], encoding: Encoding) -> list[types.Diagnostic]:
    """In the order of the text."""
    return [
        diagnostic(document, each, encoding) for each in sorted(marks, key=lambda mark: mark.finding.start)
    ]


def diagnostic(document: Document, mark: Mark, encoding: Encoding) -> types.Diagnostic:
    """One of them."""
    finding = mark.finding
    return types.Diagnostic(
        range=range_of(document, finding.start, finding.end, encoding),
        message=mark.message,
        severity=_SEVERITY[mark.level],
        code=finding.kind,
        source=SOURCE,
        data={
            **which(document, mark),
            "probability": round(finding.probability, 4),
            "replacement": finding.replacement,
        },
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
