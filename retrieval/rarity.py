"""How rare a term is among all chunks of an index: what BM25 weighs it by."""

from __future__ import annotations

import math

import apsw


class Rarity:
    """What has been looked up is kept until some view changes."""

    def __init__(self) -> None:
        self._generation = -1
        self._chunks = 0
        self._holders: dict[str, int] = {}

    def refresh(self, connection: apsw.Connection) -> None:
        """Forget what is known if anything has changed; the connection is in a transaction."""
        generation = connection.execute("select coalesce(sum(generation), 0) from view").get
        if generation != self._generation:
            self._generation = generation
            self._chunks = connection.execute("select count(*) from chunk").get or 0
            self._holders.clear()

    def of(self, connection: apsw.Connection, term: str) -> float:
        """The term's inverse document frequency, above 0."""
        holders = self.holders(connection, term)
        return max(math.log((self._chunks - holders + 0.5) / (holders + 0.5)), 1e-6)

    def holders(self, connection: apsw.Connection, term: str) -> int:
        """How many chunks of the index hold the term."""
        if term not in self._holders:
            row = connection.execute("select doc from words_terms where term = ?", (term,)).fetchone()
            self._holders[term] = int(row[0]) if row else 0
        return self._holders[term]
