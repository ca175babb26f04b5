"""Definitions that were cut into several chunks, put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from retrieval.chunk import Chunk


class Piece(NamedTuple):
    """A chunk as far as it matters here; the fields are those of `retrieval.chunk.Chunk`."""

    start: int
    end: int
    start_line: int
    end_line: int
    context: str
    head: int


def pieces_of(chunks: Sequence[Chunk]) -> list[Piece]:
    """All chunks of a text."""
    return [
        Piece(each.start, each.end, each.start_line, each.end_line, each.context, each.head)
        for each in chunks
    ]


def extent(pieces: Sequence[Piece], start: int) -> tuple[Piece, Piece, int]:
    """The first and last piece of the definition whose piece begins at `start`, and the line of its head.

    Its first piece has a head; what belongs to it follows: further pieces, and definitions within it. What is
    no definition stands for itself.
    """
    at = next(index for index, piece in enumerate(pieces) if piece.start == start)
    context = pieces[at].context
    first = last = at
    if context:
        while not _begins(pieces[first], context) and first > 0 and _belongs(pieces[first - 1], context):
            first -= 1
        # Where the beginning is missing, what is within it does not stand for it.
        while pieces[first].context != context and first < at:
            first += 1
        while last + 1 < len(pieces) and _continues(pieces[last + 1], context):
            last += 1
    return pieces[first], pieces[last], pieces[first].start_line + max(pieces[first].head, 0)


def _begins(piece: Piece, context: str) -> bool:
    return piece.context == context and piece.head >= 0


def _belongs(piece: Piece, context: str) -> bool:
    return piece.context == context or piece.context.startswith(f"{context}.")


def _continues(piece: Piece, context: str) -> bool:
    """Whether it is no other definition of the same name, as a setter is beside its getter."""
    return _belongs(piece, context) and not _begins(piece, context)
