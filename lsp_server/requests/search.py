"""`tacit/search` and the command `tacit.search`: answers of the index with scores and excerpts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from lsp_server.envelope import Code
from lsp_server.protocol import Refusal
from lsp_server.record import note
from lsp_server.trace_reasons import Reason
from lsp_server.workspace_index import symbols
from lsp_server.workspace_index.host import NoIndex
from lsp_server.workspace_index.messages import Found, Span
from lsp_server.workspace_index.rereading import reread
from retrieval.rerank import LINES
from text.lines import split_lines

if TYPE_CHECKING:
    from lsp_server.server import Server


class Params(msgspec.Struct, frozen=True, rename="camel"):
    """What is looked for."""

    query: str
    limit: Annotated[int, Meta(ge=1, le=200)] = 20
    excerpt_lines: Annotated[int, Meta(ge=0, le=100)] = 8
    rerank_ms: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """How long the model may take to read the first answers over; 0: not at all."""


class Place(msgspec.Struct, frozen=True):
    """LSP's position."""

    line: int
    character: int


class Range(msgspec.Struct, frozen=True):
    """LSP's range."""

    start: Place
    end: Place


class Hit(msgspec.Struct, frozen=True, rename="camel"):
    """One answer. `range` has all of it, `selectionRange` the name."""

    uri: str
    range: Range
    selection_range: Range
    kind: int  # LSP's SymbolKind
    name: str
    container_name: str
    signature: str
    score: float
    why: dict[str, float]  # feature -> its part of the score
    excerpt: str


class Hits(msgspec.Struct, frozen=True):
    """The best answers first; `complete` says whether all of the workspace was searched."""

    hits: list[Hit]
    complete: bool


async def handle(server: Server, params: Params) -> Hits:
    """Search; a workspace without an index is an error that says why."""
    query = params.query.strip()
    if not query:
        note(server, "symbols", Reason.NO_QUERY)
        return Hits([], server.index.complete)
    try:
        lines = max(params.excerpt_lines, LINES if params.rerank_ms else 0)
        found = await server.index.search(query, params.limit, lines)
        if params.rerank_ms:
            found = await reread(server, query, found, params.rerank_ms)
    except NoIndex as reason:
        note(server, "symbols", Reason.NO_INDEX)
        raise Refusal(Code.REQUEST_FAILED, str(reason)) from None
    except asyncio.CancelledError:
        note(server, "symbols", Reason.CANCELLED)
        raise
    note(server, "symbols", None if found else Reason.NO_MATCH)
    uris = server.documents.uris_by_path()
    hits = [_hit(each, symbols.uri_of(each, uris), params.excerpt_lines) for each in found]
    return Hits(hits, server.index.complete)


async def command(server: Server, arguments: Sequence[Any]) -> Hits:
    """The same; the argument is the question itself, or what the request takes."""
    argument = arguments[0] if arguments else {}
    try:
        params = msgspec.convert({"query": argument} if isinstance(argument, str) else argument, Params)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID_PARAMS, f"the argument does not fit: {error}") from error
    return await handle(server, params)


def _hit(found: Found, uri: str, excerpt_lines: int) -> Hit:
    return Hit(
        uri,
        _range(found.whole),
        _range(found.name_at),
        symbols.KINDS[found.kind].value,
        found.name,
        symbols.container(found),
        found.signature,
        found.score,
        found.why,
        "".join(split_lines(found.excerpt)[:excerpt_lines]),
    )


def _range(span: Span) -> Range:
    return Range(Place(span.start_line, span.start_column), Place(span.end_line, span.end_column))
