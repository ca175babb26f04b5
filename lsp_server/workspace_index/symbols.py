"""Answers of the index as symbols of LSP's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from lsp_server.workspace_index.messages import Found, Span

KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "class": types.SymbolKind.Class,
    "module": types.SymbolKind.Module,
    "type": types.SymbolKind.Struct,
    "block": types.SymbolKind.File,
    "text": types.SymbolKind.File,
}


def is_name(query: str) -> bool:
    """Whether a name is looked for, or some of its letters, and not a meaning."""
    return len(query.split()) == 1


def wanted(found: Sequence[Found], query: str, complete: bool) -> list[Found]:
    """For a name the definitions that are called like it; for a meaning, or a name that nothing has, all."""
    named = [each for each in found if each.named and each.name]
    return named if is_name(query) and (named or not complete) else list(found)


def symbol(found: Found, uris: Mapping[str, str]) -> types.WorkspaceSymbol:
    """`uris` has the editor's own spelling of what is open."""
    return types.WorkspaceSymbol(
        location=types.Location(uri_of(found, uris), range_of(found.body)),
        name=found.name or Path(found.path).name,
        kind=KINDS[found.kind],
        container_name=container(found),
    )


def container(found: Found) -> str:
    """What encloses it: a class, a module, or else its file."""
    return found.context.rpartition(".")[0] or found.inside


def uri_of(found: Found, uris: Mapping[str, str]) -> str:
    """The URI of the file it is in."""
    return uris.get(found.path) or Path(found.path).as_uri()


def range_of(span: Span) -> types.Range:
    """As LSP writes it."""
    return types.Range(
        types.Position(span.start_line, span.start_column), types.Position(span.end_line, span.end_column)
    )
