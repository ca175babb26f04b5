"""The features of mined functions, once for all fits of the scorer.

    python -m training.bug_features [--cases DIR] [--model DIR] [--out FILE] [--most N] [--part I/N]

Each fix gives the function with the bug, the function without it, and functions beside it that nobody
touched.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bug_finder.reader import Read, Reader
from engine.paths import manifest_dir
from training.bug_encode import OUT

CLEAN = 2  # beside each fix
BUGGY, FIXED, UNTOUCHED = range(3)
# Taken last: much of them is a change of mind, or of words.
VAGUE = frozenset(
    ["wrong_string", "wrong_expression", "missing_expression", "extra_expression", "missing_argument"]
)


def main() -> int:
    """Read all cases of a part."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=Path, default=OUT / "bug_cases")
    parser.add_argument("--model", type=Path, default=manifest_dir() / "bug_finder")
    parser.add_argument("--out", type=Path, default=OUT / "bug_network" / "features.npz")
    parser.add_argument("--most", type=int, default=120, help="fixes of a repository")
    parser.add_argument("--part", default="0/1")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    reader = Reader.load(arguments.model)
    paths = sorted(arguments.cases.glob("*.fixes.jsonl.gz"))
    chosen = [path for at, path in enumerate(paths) if at % parts == part]
    started = time.process_time()
    rows, functions, targets, nears, lines, starts, facts = [], [], [], [], [], [0], []
    for path in chosen:
        records = list(_records(path, arguments.most))
        reads = list(reader.read([(record["text"], record["language"]) for record in records]))
        for record, read in zip(records, reads, strict=True):
            if read is None:
                continue
            target, near = _target(record, read)
            if record["label"] == BUGGY and not target.any():
                continue
            rows.append(read.described.rows.astype(np.float16))
            functions.append(read.described.function)
            targets.append(target)
            nears.append(near)
            lines.append(read.lines.astype(np.int16))
            starts.append(starts[-1] + len(target))
            facts.append(
                [
                    record["label"],
                    record["case"],
                    record["kind"],
                    record["language"],
                    record["repository"],
                    record["stands"],
                ]
            )
    np.savez(
        arguments.out,
        rows=np.concatenate(rows),
        functions=np.stack(functions),
        targets=np.concatenate(targets),
        nears=np.concatenate(nears),
        lines=np.concatenate(lines),
        starts=np.array(starts),
        facts=np.array(json.dumps(facts)),
    )
    print(f"{len(facts)} functions, {starts[-1]} places, {time.process_time() - started:.0f} s of CPU time")
    return 0


def _records(path: Path, most: int) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    random.Random(path.name).shuffle(cases)
    cases.sort(key=lambda case: case["kind"] in VAGUE)
    for case in cases[:most]:
        key = f"{case['repository']} {case['commit']}"
        common = {key: case[key] for key in ("language", "kind", "repository")}
        common |= {"case": key, "lines": case["lines"], "tokens": case["tokens"]}
        yield common | {"label": BUGGY, "text": case["buggy"], "stands": False}
        yield common | {"label": FIXED, "text": case["fixed"], "stands": case["fixed_stands"]}
        for clean in case["clean"][:CLEAN]:
            yield common | {"label": UNTOUCHED, "text": clean["text"], "stands": clean["stands"]}


def _target(record: dict[str, Any], read: Read) -> tuple[np.ndarray, np.ndarray]:
    """Which places are wrong: the tokens that the fix changed, or else all of its lines; and the latter."""
    places = read.places
    if record["label"] != BUGGY:
        nothing = np.zeros(len(places.tokens), bool)
        return nothing, nothing
    start, end = record["tokens"]
    if start == end:
        exact = (places.tokens == start) & places.gaps | (places.tokens == start - 1) & ~places.gaps
    else:
        exact = (places.tokens >= start) & (places.tokens < end) & ~places.gaps
    text, (first, last) = record["text"], record["lines"]
    ends = [at for at, char in enumerate(text) if char == "\n"]
    lines = np.searchsorted(ends, [token.start for token in read.tokens])[places.tokens] + 1
    near = (lines >= first) & (lines <= last)
    return (exact if exact.any() else near), near


if __name__ == "__main__":
    sys.exit(main())
