"""What each part of the search is worth: `python -m bench.ablation QUERIES CORPUS`, on search cases.

Candidates are those of all channels; what differs is what counts in their score.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.cases import read_cases
from bench.search import Corpora
from retrieval.fusion import Weights

_NONE = {"words": 0.0, "meaning": 0.0, "meaning_of_sentence": 0.0, "path_words": 0.0, "symbol": 0.0}
VARIANTS = {
    "words": Weights(**{**_NONE, "words": 1.0}),
    "meaning": Weights(**{**_NONE, "meaning": 1.0}),
    "words and names": Weights(**{**_NONE, "words": 1.0, "symbol": 2.0}),
    "words and meaning, however asked": Weights(**{**_NONE, "words": 1.0, "meaning": 1.2}),
    "words and meaning": Weights(path_words=0.0, symbol=0.0),
    "without words": Weights(words=0.0),
    "without meaning": Weights(meaning=0.0, meaning_of_sentence=0.0),
    "without paths": Weights(path_words=0.0),
    "without names": Weights(symbol=0.0),
    "without verbs": Weights(verb=0.0),
    "all": Weights(),
}


def main(queries: Path, corpus: Path) -> None:
    """Print MRR@10 and recall@10, overall and for each type of question."""
    asked = list(read_cases(queries))
    types = sorted({case["type"] for case in asked})
    print("| scored by | all |" + "".join(f" {each} |" for each in types))
    print("|---|---|" + "---|" * len(types))
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(read_cases(corpus), Path(folder))
        for name, weights in VARIANTS.items():
            ranks = [(case["type"], *_judge(corpora, case, weights)) for case in asked]
            columns = [_means(ranks, None), *(_means(ranks, each) for each in types)]
            print(f"| {name} | " + " | ".join(columns) + " |", flush=True)
        corpora.close()


def _judge(corpora: Corpora, case: dict[str, object], weights: Weights) -> tuple[float, float]:
    """Reciprocal rank of the first right answer, and recall, both among ten."""
    relevant = set(case["relevant"])  # type: ignore[call-overload]
    ranked = corpora.predict(case, weights)["ranked"]
    at = [rank for rank, answer in enumerate(ranked, 1) if answer in relevant]
    return (1 / at[0] if at else 0.0), len(at) / len(relevant)


def _means(ranks: list[tuple[str, float, float]], kind: str | None) -> str:
    chosen = [rank[1:] for rank in ranks if kind in (None, rank[0])]
    return " / ".join(f"{sum(rank[at] for rank in chosen) / len(chosen):.3f}" for at in (0, 1))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
