"""Search in one view: by words (BM25), by meaning (vectors) and by name, all three fused into one score.

Each channel proposes candidates; every candidate is then judged by all of them (`retrieval.fusion`). Reading
happens in one transaction, so that an answer is of one instant, and what it names is in the view.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple, Protocol

import apsw
import msgspec
import numpy as np
import numpy.typing as npt

from retrieval.fusion import FEATURES, Candidate, Question, Weights, features, is_sentence
from retrieval.schema import Embedder, Vectors
from retrieval.snapshot import Snapshot
from retrieval.store import Store, View
from retrieval.symbols import find_symbols
from retrieval.tokens import query_terms

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
    kind: str
    name: str
    context: str
    signature: str
    score: float
    why: dict[str, float]  # feature -> its part of the score


class _Told(NamedTuple):
    kind: str
    name: str
    context: str
    signature: str
    vector: bytes


class Searcher:
    """Questions to one view. It keeps what it has read of the view, and notices what changed."""

    def __init__(self, store: Store, view: View) -> None:
        embedder = store.embedder
        assert hasattr(embedder, "query"), "this embedding is for chunks only"
        self._store = store
        self._embedder: SearchEmbedder = embedder  # type: ignore[assignment]
        self._snapshot = Snapshot(view.id, embedder.dims)
        self._documents: dict[str, int] = {}
        self._generation = -1

    def search(self, text: str, count: int = 10, weights: Weights | None = None) -> list[Hit]:
        """The best answers, best first. Raises StoreError."""
        text = text[:MOST_CHARACTERS]
        with self._store.reading() as connection:
            self._snapshot.refresh(connection)
            if not len(self._snapshot):
                return []
            vector = self._embedder.query(text)
            question = self._question(connection, text)
            words = self._by_words(connection, question)
            symbols = find_symbols(connection, text)
            near = self._snapshot.chunks["id"][self._snapshot.nearest(vector, CANDIDATES)]
            ids = np.array(sorted({*near.tolist(), *words, *symbols}), np.int64)
            rows = self._snapshot.rows_of(ids)
            told = _told(connection, ids.tolist())
        return self._best(question, vector, rows, told, words, symbols, weights or Weights(), count)

    def _best(
        self,
        question: Question,
        vector: npt.NDArray[np.float32],
        rows: npt.NDArray[np.intp],
        told: dict[int, _Told],
        words: dict[int, float],
        symbols: dict[int, float],
        weights: Weights,
        count: int,
    ) -> list[Hit]:
        if not len(rows):
            return []
        places = self._snapshot.chunks[rows].tolist()
        ids = [place[0] for place in places]
        paths = [self._snapshot.paths[at] for at in self._snapshot.path_of[rows].tolist()]
        vectors = np.frombuffer(b"".join(told[id].vector for id in ids), np.int8).reshape(len(ids), -1)
        table = features(
            question,
            [Candidate(path, told[id].kind) for id, path in zip(ids, paths, strict=True)],
            np.array([words.get(id, 0.0) for id in ids]),
            _cosines(vectors, vector),
            np.array([symbols.get(id, 0.0) for id in ids]),
        )
        parts = table * weights.array()
        scores = parts.sum(axis=1).tolist()
        order = sorted(range(len(ids)), key=lambda at: (-scores[at], paths[at], places[at]))
        return [_hit(paths[at], places[at], told[ids[at]], parts[at]) for at in order[:count]]

    def _question(self, connection: apsw.Connection, text: str) -> Question:
        """The terms with their rarity, among all chunks of the database."""
        generation = connection.execute("select coalesce(sum(generation), 0) from view").get
        if generation != self._generation:
            self._generation = generation
            self._documents.clear()
        total = connection.execute("select count(*) from chunk").get if "" not in self._documents else 0
        total = self._documents.setdefault("", int(total or 0))
        rarity = {}
        for term in query_terms(text):
            count = self._count(connection, term)
            rarity[term] = max(math.log((total - count + 0.5) / (count + 0.5)), 1e-6)
        return Question(rarity, is_sentence(text))

    def _count(self, connection: apsw.Connection, term: str) -> int:
        """How many chunks of the database hold a term."""
        if term not in self._documents:
            row = connection.execute("select doc from words_terms where term = ?", (term,)).fetchone()
            self._documents[term] = int(row[0]) if row else 0
        return self._documents[term]

    def _by_words(self, connection: apsw.Connection, question: Question) -> dict[int, float]:
        """BM25 of the best CANDIDATES in the view, by the rarest terms that MOST_MATCHES allows."""
        chosen, matches = list[str](), 0
        for term in sorted(question.terms, key=self._documents.__getitem__):
            matches += self._documents[term]
            if chosen and matches > MOST_MATCHES:
                break
            if self._documents[term]:
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


def _hit(path: str, place: tuple[int, ...], told: _Told, parts: Floats) -> Hit:
    _, start, end, start_line, end_line = place
    why = dict(zip(FEATURES, parts.tolist(), strict=True))
    return Hit(path, start, end, start_line, end_line, *told[:4], float(parts.sum()), why)


def _told(connection: apsw.Connection, ids: Sequence[int]) -> dict[int, _Told]:
    """What the database says of chunks."""
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        "select c.id, c.kind, c.name, c.context, c.signature, v.vector"
        f" from chunk c join vector v on v.chunk = c.id where c.id in ({marks})",
        ids,
    )
    return {row[0]: _Told(*row[1:]) for row in rows}


def _cosines(vectors: Vectors, vector: npt.NDArray[np.float32]) -> Floats:
    exact = vectors.astype(np.float32)
    return np.asarray(exact @ vector / np.maximum(np.linalg.norm(exact, axis=1), 1e-6), float)
