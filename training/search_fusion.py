"""Fits how the search weighs its channels, on repositories that the embedding was not trained on.

    python -m training.search_fusion PAIRS/held_out [--limit 250]

Each repository becomes an index of all its pairs' code; each question is asked, and the features of all
candidates (`retrieval.fusion`) are kept. The weights are those under which the right candidates are most
likely, by a softmax over the candidates of each question. Documentation and commits count by QUESTIONS.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.search import Corpora
from retrieval.embedding import StaticEmbedding
from retrieval.fusion import FEATURES, Weights
from training.data.examples import SearchPair
from training.data.shards import read_shard

Floats = npt.NDArray[np.float64]

QUESTIONS = {"doc": 0.7, "commit": 0.3}  # the share of each kind
STEPS = 3000
RATE = 0.03
PULL = 1e-3  # towards zero


class Asked(NamedTuple):
    """A question: the features of its candidates, and which of them are right."""

    features: Floats
    right: npt.NDArray[np.bool_]
    kind: str


def main() -> None:
    """Ask all questions, fit, print the weights and what they give."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("held_out", type=Path)
    parser.add_argument("--limit", type=int, default=250, help="questions of each kind and repository")
    parser.add_argument("--embedding", type=Path)
    arguments = parser.parse_args()
    embedder = StaticEmbedding.load(arguments.embedding)
    asked = [
        each
        for shard in sorted(arguments.held_out.glob("*.shard"))
        for each in ask(list(read_shard(shard, SearchPair)), embedder, arguments.limit)
    ]
    start = Weights().array()
    print(f"{len(asked)} questions; before: MRR@10 {mrr(asked, start):.4f}")
    weights = fit(asked, start)
    print(f"after: MRR@10 {mrr(asked, weights):.4f}")
    print(json.dumps(dict(zip(FEATURES, np.round(weights / weights[0], 3).tolist(), strict=True)), indent=1))


def ask(pairs: Sequence[SearchPair], embedder: StaticEmbedding, limit: int) -> list[Asked]:
    """The questions of one repository, put to an index of its code; tests are left out."""
    pairs = [pair for pair in pairs if "test" not in pair.path.lower()]
    cases: dict[tuple[str, str, str], dict[str, Any]] = {}
    right: dict[tuple[str, str], set[str]] = {}
    for pair in pairs:
        key = (pair.path, pair.name, pair.code)
        case = cases.setdefault(key, _case(pair, len(cases)))
        right.setdefault((pair.kind, pair.query), set()).add(case["id"])
    chosen: list[tuple[str, str]] = []
    for kind in QUESTIONS:
        questions = sorted(question for question in right if question[0] == kind)
        chosen += random.Random(0).sample(questions, min(limit, len(questions)))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(cases.values(), Path(folder), embedder=embedder)
        for kind, query in chosen:
            repository = pairs[0].repository
            candidates = corpora.searcher(repository).candidates(query)
            ids = [corpora.id_of(repository, hit.path, hit.start) for hit in candidates.hits]
            hit = np.array([id in right[kind, query] for id in ids])
            found.append(Asked(candidates.features, hit, kind))
        corpora.close()
    return found


def fit(asked: Sequence[Asked], start: Floats) -> Floats:
    """Weights by Adam from `start`; features that never vary keep theirs."""
    useful = [each for each in asked if each.right.any()]
    counts = {kind: sum(each.kind == kind for each in useful) for kind in QUESTIONS}
    shares = np.array([QUESTIONS[each.kind] / counts[each.kind] for each in useful])
    weights, first, second = start * 5, np.zeros(len(start)), np.zeros(len(start))
    for step in range(1, STEPS + 1):
        gradient = PULL * weights
        for each, share in zip(useful, shares, strict=True):
            scores = each.features @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            wanted = likely * each.right
            wanted /= max(wanted.sum(), 1e-12)
            gradient += share * ((likely - wanted) @ each.features)
        first += 0.1 * (gradient - first)
        second += 0.01 * (gradient**2 - second)
        correction = np.sqrt(1 - 0.99**step) / (1 - 0.9**step)
        weights -= RATE * correction * first / (np.sqrt(second) + 1e-8)
        if step % 100 == 0 and np.abs(gradient).max() < 1e-4:
            break
    return np.asarray(weights)


def mrr(asked: Sequence[Asked], weights: Floats) -> float:
    """Mean reciprocal rank of the first right answer, each kind by its share."""
    by_kind: dict[str, list[float]] = {kind: [] for kind in QUESTIONS}
    for each in asked:
        order = np.argsort(-(each.features @ weights), kind="stable")[:10]
        at = np.flatnonzero(each.right[order]) if len(order) else np.empty(0, int)
        by_kind[each.kind].append(1 / (1 + at[0]) if len(at) else 0.0)
    return float(sum(QUESTIONS[kind] * np.mean(ranks or [0.0]) for kind, ranks in by_kind.items()))


def _case(pair: SearchPair, number: int) -> dict[str, Any]:
    return {
        "id": f"{pair.repository}#{number}",
        "repo": pair.repository,
        "path": pair.path,
        "name": pair.name,
        "code": pair.code,
        "start_line": 1,
        "end_line": 1 + pair.code.count("\n"),
    }


if __name__ == "__main__":
    main()
