"""Search in one view: by words (BM25), by meaning (vectors) and by name, all three fused into one score.

Each channel proposes candidates; every candidate is then judged by all of them (`retrieval.fusion`). Reading
happens in one transaction, so that an answer is of one instant, and what it names is in the view.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import apsw
import msgspec
import numpy as np
import numpy.typing as npt

from retrieval.excerpts import Excerpt, Read, Wish, excerpts
from retrieval.fusion import FEATURES, Candidate, Question, Weights, features, is_sentence
from retrieval.mentions import Mention, mentions
from retrieval.pieces import Piece, extent, pieces_of
from retrieval.rarity import Rarity
from retrieval.schema import Embedder, name_of
from retrieval.snapshot import Snapshot
from retrieval.store import Store, View
from retrieval.symbols import Wanted, find_symbols
from retrieval.tokens import query_terms
from retrieval.unsaved import Unsaved, usual_length
from retrieval.vectors import Vectors, unpack

Floats = npt.NDArray[np.float64]

# Rows of FTS5's index that may be looked at for one question; common terms are left out beyond that.
MOST_MATCHES = 6000
# BM25: what a term counts in a name, a signature, the documentation, the rest, the padding.
COLUMN_WEIGHTS = (4.0, 1.0, 2.0, 1.0, 0.0)
CANDIDATES = 200  # of each channel
MOST_CHARACTERS = 2000  # of a question


class SearchEmbedder(Embedder, Protocol):
    """What turns questions into vectors too."""

    def query(self, text: str) -> npt.NDArray[np.float32]:
        """The unit vector of a question, (dims,)."""


class Hit(msgspec.Struct, frozen=True):
    """A chunk that answers: the characters [start, end), on the lines [start_line, end_line), from 0."""

    path: str
    start: int
    end: int
    start_line: int
    end_line: int
    head: int  # the line of the definition itself, below its comment
    kind: str
    name: str
    context: str
    signature: str
    score: float
    why: dict[str, float]  # feature -> its part of the score
    unsaved: bool = False  # its lines are those of the document in the editor


class _Told(NamedTuple):
    head: int
    kind: str
    context: str
    signature: str
    vector: bytes


class _Candidate(NamedTuple):
    """A chunk at its place, and what each channel says of it."""

    path: str
    place: tuple[int, ...]  # start, end, start_line, end_line
    head: int  # as in the index: relative, or -1
    kind: str
    context: str
    signature: str
    vector: bytes | npt.NDArray[np.int8]
    words: float
    symbol: float
    unsaved: bool = False


class Searcher:
    """Questions to one view. It keeps what it has read of the view, and notices what changed."""

    def __init__(self, store: Store, view: View) -> None:
        embedder = store.embedder
        assert hasattr(embedder, "query"), "this embedding is for chunks only"
        self._store = store
        self._embedder: SearchEmbedder = embedder  # type: ignore[assignment]
        self._snapshot = Snapshot(view.id, embedder.dims)
        self._rarity = Rarity()

    def search(
        self,
        text: str,
        count: int = 10,
        weights: Weights | None = None,
        *,
        unsaved: Unsaved | None = None,
        whole: bool = False,
    ) -> list[Hit]:
        """The best answers, best first. Raises StoreError.

        What is in `unsaved` goes before what the index has of these files. With `whole`, a definition that is
        in several pieces is one answer: all of it.
        """
        text = text[:MOST_CHARACTERS]
        with self._store.reading() as connection:
            self._snapshot.refresh(connection)
            vector = self._embedder.query(text)
            self._rarity.refresh(connection)
            rarities = {term: self._rarity.of(connection, term) for term in query_terms(text)}
            question = Question(rarities, is_sentence(text))
            wanted = Wanted(text)
            candidates = self._stored(connection, question, vector, wanted, unsaved)
            if unsaved is not None:
                candidates += _judged(connection, unsaved, question, wanted)
            hits = self._best(question, vector, candidates, weights or Weights())
            return _whole(connection, self._snapshot, unsaved, hits, count) if whole else hits[:count]

    def excerpts(self, wish: Wish, read: Read) -> list[Excerpt]:
        """Definitions that a document could use, the best first. Raises StoreError."""
        with self._store.reading() as connection:
            self._snapshot.refresh(connection)
            return excerpts(connection, self._snapshot, wish, read)

    def mentions(self, path: str, name: str, read: Read) -> list[Mention]:
        """Files that use a name which was defined in `path`. Raises StoreError."""
        with self._store.reading() as connection:
            self._snapshot.refresh(connection)
            return mentions(connection, self._snapshot, path, name, read)

    def _stored(
        self,
        connection: apsw.Connection,
        question: Question,
        vector: npt.NDArray[np.float32],
        wanted: Wanted,
        unsaved: Unsaved | None,
    ) -> list[_Candidate]:
        """What the index proposes."""
        if not len(self._snapshot):
            return []
        words = self._by_words(connection, question)
        symbols = find_symbols(connection, wanted, self._snapshot.holds)
        near = self._snapshot.chunks["id"][self._snapshot.nearest(vector, CANDIDATES)]
        ids = np.array(sorted({*near.tolist(), *words, *symbols}), np.int64)
        rows = self._snapshot.rows_of(ids)
        told = _told(connection, ids.tolist())
        hidden = unsaved.paths if unsaved is not None else ()
        found = []
        places: list[tuple[int, int, int, int, int]] = self._snapshot.chunks[rows].tolist()
        for (id, *place), at in zip(places, self._snapshot.path_of[rows].tolist(), strict=True):
            path = self._snapshot.paths[at]
            if path not in hidden:
                scores = words.get(id, 0.0), symbols.get(id, 0.0)
                found.append(_Candidate(path, tuple(place), *told[id], *scores))
        return found

    def _best(
        self,
        question: Question,
        vector: npt.NDArray[np.float32],
        candidates: Sequence[_Candidate],
        weights: Weights,
    ) -> list[Hit]:
        if not candidates:
            return []
        packed = [each.vector for each in candidates]
        known = unpack(b"".join(each for each in packed if isinstance(each, bytes)), self._embedder.dims)
        fresh = [each for each in packed if not isinstance(each, bytes)]
        table = features(
            question,
            [Candidate(each.path, each.kind, name_of(each.context)) for each in candidates],
            np.array([each.words for each in candidates]),
            # Those of the index come first.
            _cosines(np.concatenate([known, *(each[None] for each in fresh)]), vector),
            np.array([each.symbol for each in candidates]),
        )
        parts = table * weights.array()
        scores = parts.sum(axis=1).tolist()
        order = sorted(
            range(len(scores)), key=lambda at: (-scores[at], candidates[at].path, candidates[at].place)
        )
        return [_hit(candidates[at], parts[at]) for at in order]

    def _by_words(self, connection: apsw.Connection, question: Question) -> dict[int, float]:
        """BM25 of the best CANDIDATES in the view, by the rarest terms that MOST_MATCHES allows."""
        holders = {term: self._rarity.holders(connection, term) for term in question.terms}
        chosen, matches = list[str](), 0
        for term in sorted(holders, key=holders.__getitem__):
            matches += holders[term]
            if chosen and matches > MOST_MATCHES:
                break
            if holders[term]:
                chosen.append(f'"{term}"')
        if not chosen:
            return {}
        found: dict[int, float] = {}
        ranked = connection.execute(
            "select rowid, -bm25(words, ?, ?, ?, ?, ?) as score from words where words match ?"
            " order by score desc",
            (*COLUMN_WEIGHTS, " OR ".join(chosen)),
        )
        while len(found) < CANDIDATES and (block := list(islice(ranked, CANDIDATES))):
            held = self._snapshot.holds(np.array([id for id, _ in block], np.int64))
            found.update(block[at] for at in np.flatnonzero(held))
        return found


def _judged(
    connection: apsw.Connection, unsaved: Unsaved, question: Question, wanted: Wanted
) -> Iterator[_Candidate]:
    usual = usual_length(connection)
    for path, chunk, words, vector, symbol in unsaved.judge(question.terms, COLUMN_WEIGHTS, usual, wanted):
        place = chunk.start, chunk.end, chunk.start_line, chunk.end_line
        about = chunk.head, chunk.kind, chunk.context, chunk.signature
        yield _Candidate(path, place, *about, vector, words, symbol, unsaved=True)


def _hit(found: _Candidate, parts: Floats) -> Hit:
    why = dict(zip(FEATURES, parts.tolist(), strict=True))
    head = found.place[2] + max(found.head, 0)
    about = found.kind, name_of(found.context), found.context, found.signature
    start, end, start_line, end_line = found.place
    return Hit(
        found.path, start, end, start_line, end_line, head, *about, float(parts.sum()), why, found.unsaved
    )


def _whole(
    connection: apsw.Connection, snapshot: Snapshot, unsaved: Unsaved | None, hits: Sequence[Hit], count: int
) -> list[Hit]:
    """Each definition once, with all that belongs to it."""
    found: dict[tuple[str, int], Hit] = {}
    files: dict[str, list[Piece]] = {}
    for hit in hits:
        if len(found) == count:
            break
        if hit.path not in files:
            unsaid = unsaved.chunks(hit.path) if unsaved is not None and hit.unsaved else None
            files[hit.path] = _pieces(connection, snapshot, hit.path) if unsaid is None else pieces_of(unsaid)
        first, last, head = extent(files[hit.path], hit.start)
        if (hit.path, first.start) not in found:
            found[hit.path, first.start] = msgspec.structs.replace(
                hit,
                start=first.start,
                end=last.end,
                start_line=first.start_line,
                end_line=last.end_line,
                head=head,
            )
    return list(found.values())


def _pieces(connection: apsw.Connection, snapshot: Snapshot, path: str) -> list[Piece]:
    chunks = snapshot.chunks_of(path)
    marks = ",".join("?" * len(chunks))
    ids = [chunk[0] for chunk in chunks]
    rows: list[Any] = connection.execute(
        f"select id, context, head from chunk where id in ({marks})", ids
    ).fetchall()
    about = {id: (context, head) for id, context, head in rows}
    return [
        Piece(start, end, start_line, end_line, *about[id]) for id, start, end, start_line, end_line in chunks
    ]


def _told(connection: apsw.Connection, ids: Sequence[int]) -> dict[int, _Told]:
    """What the database says of chunks."""
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        "select c.id, c.head, c.kind, c.context, c.signature, v.vector"
        f" from chunk c join vector v on v.chunk = c.id where c.id in ({marks})",
        ids,
    )
    return {row[0]: _Told(*row[1:]) for row in rows}


def _cosines(vectors: Vectors, vector: npt.NDArray[np.float32]) -> Floats:
    exact = vectors.astype(np.float32)
    return np.asarray(exact @ vector / np.maximum(np.linalg.norm(exact, axis=1), 1e-6), float)
