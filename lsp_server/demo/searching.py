"""The act of search: the project as it was just saved, by meaning and by name, as `tacit search` does it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsp_server.demo.hands import Hands
from lsp_server.demo.moment import Hit, Moment
from lsp_server.demo.script import Question

ANSWERS = 3


def play_questions(questions: Sequence[Question], hands: Hands, root: Path, index: Path) -> Iterator[Moment]:
    """Save all files, read them into an index of their own at `index`, and ask.

    Raises StoreError where the index cannot be kept.
    """
    # Imported here, as it takes a moment in which ghost text could be on the screen.
    from lsp_server.cli.search import snippet
    from retrieval.search import Searcher
    from retrieval.store import Store
    from retrieval.sync import Syncer

    hands.save()
    store = Store.open(index)
    try:
        with Syncer(store, root) as syncer:
            began = time.perf_counter()
            syncer.sync()
            searcher = Searcher(store, syncer.view)
            yield Moment("index", root.name, ms=_since(began))
            for question in questions:
                began = time.perf_counter()
                hits = searcher.search(question.text, ANSWERS)
                took = _since(began)
                found = tuple(
                    Hit(hit.path, hit.start_line + 1, hit.context or hit.name, snippet(hit, syncer.root))
                    for hit in hits
                )
                yield Moment("found", question.text, ms=took, hits=found)
    finally:
        store.close()


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
