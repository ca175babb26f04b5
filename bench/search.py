"""Predictions for search cases: the corpus goes into a real index, the questions through the real search."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import xxhash

from bench.cases import CasesError
from engine.model import Model
from retrieval.chunk import Chunk
from retrieval.describe import signature_of
from retrieval.fusion import Weights
from retrieval.rerank import LINES, MOST, Read, reranked
from retrieval.schema import Embedder
from retrieval.search import Hit, Searcher
from retrieval.store import Store, View
from text.languages import language_of
from text.lines import split_lines
from text.outline import outline

ANSWERS = 10


class Corpora:
    """The functions of several repositories in one index, each repository a view."""

    def __init__(
        self,
        corpus: Iterable[Mapping[str, Any]],
        folder: Path,
        embedder: Embedder | None = None,
    ) -> None:
        self._store = Store.open(folder / "index.db", embedder)
        self._ids: dict[tuple[str, str, int], str] = {}
        self._codes: dict[str, str] = {}
        self._searchers: dict[str, Searcher] = {}
        by_repository: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for case in corpus:
            by_repository[case["repo"]].append(case)
        for repository, cases in by_repository.items():
            view = self._store.view(repository)
            self._fill(view, cases)
            self._searchers[repository] = Searcher(self._store, view)

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()

    def searcher(self, repository: str) -> Searcher:
        """What answers questions to one repository; raises CasesError where the corpus has none of it."""
        if repository not in self._searchers:
            raise CasesError(f"the corpus has nothing of {repository}")
        return self._searchers[repository]

    def id_of(self, repository: str, path: str, start: int) -> str:
        """The case whose code begins there."""
        return self._ids[repository, path, start]

    def predict(
        self, case: Mapping[str, Any], weights: Weights | None = None, model: Model | None = None
    ) -> dict[str, Any]:
        """Answer one question, as the scorer reads it; `weights` only to compare.

        With a model it reads the first answers over, however long that takes.
        """
        searcher = self.searcher(case["repo"])
        started = time.perf_counter()
        hits = searcher.search(case["query"], max(ANSWERS, MOST), weights)
        if model is not None:
            read = partial(self._read, case["repo"])
            hits = reranked(case["query"], hits, read, model, until=math.inf)
        hits = hits[:ANSWERS]
        ms = (time.perf_counter() - started) * 1000
        ranked = [self.id_of(case["repo"], hit.path, hit.start) for hit in hits]
        return {"id": case["id"], "ranked": ranked, "ms": round(ms, 2)}

    def _read(self, repository: str, hit: Hit) -> Read:
        code = self._codes[self.id_of(repository, hit.path, hit.start)]
        return Read(hit.path, hit.context, "".join(split_lines(code)[:LINES]))

    def _fill(self, view: View, cases: Iterable[Mapping[str, Any]]) -> None:
        by_path: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for case in cases:
            by_path[case["path"]].append(case)
        with self._store.batch(view) as batch:
            for path, inside in by_path.items():
                chunks = list(_chunks(inside))
                for case, chunk in zip(inside, chunks, strict=True):
                    self._ids[view.root, path, chunk.start] = case["id"]
                    self._codes[case["id"]] = case["code"]
                text = "\0".join([view.root, path, *(chunk.text for chunk in chunks)])
                batch.put(path, xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass")), chunks)


def _chunks(cases: Iterable[Mapping[str, Any]]) -> Iterator[Chunk]:
    """One chunk for each case, as if they stood in a file one after the other."""
    start = 0
    for case in cases:
        code, context = case["code"], case["name"]
        name = context.rpartition(".")[2]
        signature = _signature(code, language_of(path=case["path"]))
        fields = (context, signature, code, case["path"])
        key = xxhash.xxh3_128_digest("\0".join(fields).encode("utf-8", "surrogatepass"))
        kind = "method" if "." in context else "function"
        lines = case["start_line"] - 1, case["end_line"]
        yield Chunk(key, start, start + len(code), *lines, kind, name, context, signature, "", code, 0)
        start += len(code)


def _signature(code: str, language: str) -> str:
    data = code.encode("utf-8", "surrogatepass")
    for each in outline(data, language).definitions if language else []:
        return signature_of(data[each.head : each.body])
    return signature_of(data.partition(b"\n")[0])
