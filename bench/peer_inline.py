"""Plain llama.cpp on inline cases: the quality that `tacit eval inline` has to reach from the same file.

    python -m bench.peer_inline MODEL.gguf CASES OUT

The prompt is the plainest good one: fill in the middle in the order prefix, suffix, middle where the model
has the markers for it, else the prefix alone; the last 900 tokens before the cut and the first 300 after it;
greedy; up to the end of the line. Cases and predictions have the formats of `tacit eval inline`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from bench.cases import read_cases
from bench.peer import Peer

PREFIX_TOKENS = 900
SUFFIX_TOKENS = 300
MAX_TOKENS = 64


def complete_line(peer: Peer, prefix: str, suffix: str) -> str:
    """The rest of the line at the cut, as the model writes it greedily."""
    peer.rollback(0)
    written = peer.generate(
        prompt(peer, prefix, suffix), MAX_TOKENS, lambda tokens: "\n" in peer.text(tokens)
    )
    return peer.text(written).split("\n")[0]


def prompt(peer: Peer, prefix: str, suffix: str) -> list[int]:
    """Prompt tokens in the markers' order that the model was trained on."""
    before = peer.tokenize(prefix)[-PREFIX_TOKENS:]
    markers = [peer.marker(f"<|fim_{name}|>") for name in ("prefix", "suffix", "middle")]
    start, gap, end = markers
    if start is None or gap is None or end is None:
        return before
    return [start, *before, gap, *peer.tokenize(suffix)[:SUFFIX_TOKENS], end]


def main(argv: list[str] | None = None) -> int:
    """Write one prediction for each case."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args(argv)
    peer = Peer(arguments.model, threads=arguments.threads, context=2048)
    with arguments.out.open("w", encoding="utf-8") as out:
        for done, case in enumerate(read_cases(arguments.cases, arguments.limit), 1):
            started = time.perf_counter()
            completion = complete_line(peer, case["prefix"], case["suffix"])
            ms = round((time.perf_counter() - started) * 1000, 1)
            print(json.dumps({"id": case["id"], "completion": completion, "ms": ms}), file=out, flush=True)
            print(f"\r{done} cases", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
