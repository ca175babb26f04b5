"""How fast a search is in a large index: `python -m bench.search_speed QUERIES CORPUS [--chunks 200000]`.

The corpus is multiplied under other paths, each copy with a word of its own in every function, so that no
chunk is stored twice. Times are of the clock and of the processor; the first says how busy the machine was.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.cases import read_cases
from bench.search import Corpora

ROUNDS = 2


def main() -> None:
    """Build the index and print percentiles."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("queries", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--chunks", type=int, default=200_000)
    arguments = parser.parse_args()
    cases = list(read_cases(arguments.corpus))
    copies = -(-arguments.chunks // len(cases))
    many = (
        {
            **case,
            "id": f"{case['id']}/{copy}",
            "repo": "all",
            "path": f"copy{copy}/{case['repo']}/{case['path']}",
            "code": f"{case['code']}// copy{copy}\n",
        }
        for copy in range(copies)
        for case in cases
    )
    queries = [case["query"] for case in read_cases(arguments.queries)]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        corpora = Corpora(many, Path(folder))
        searcher = corpora.searcher("all")
        size = (Path(folder) / "index.db").stat().st_size
        print(f"{copies * len(cases)} chunks in {time.perf_counter() - started:.0f} s, {size / 1e6:.0f} MB")
        for _ in range(ROUNDS):
            times = np.array([_time(lambda query=query: searcher.search(query)) for query in queries])
            for name, column in zip(("clock", "processor"), times.T, strict=True):
                middle, late = np.percentile(column, [50, 99])
                print(f"{name}: p50 {middle:.1f} ms, p99 {late:.1f} ms")
        corpora.close()


def _time(do: object) -> tuple[float, float]:
    assert callable(do)
    clock, processor = time.perf_counter(), time.process_time()
    do()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


if __name__ == "__main__":
    main()
