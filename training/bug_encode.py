"""Functions as numbers, once for all training runs: a vocabulary, and arrays of the code at the heads.

    python -m training.bug_encode [--cases DIR] [--out DIR] [--each N]

Writes vocabulary.txt and code.npz: `kinds`, `classes`, `copies` (all tokens), `parts` (all tokens,
PARTS), `starts` (functions + 1), `languages` (functions), `repositories` (functions), all functions one
after the other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from bug_finder.tokens import lex
from bug_finder.vocabulary import Vocabulary, language_number, most_frequent, parts_of, spelling
from training.data.build import HERE

OUT = HERE.parent / "out"
CLASSES, PARTS = 1530, 8000
LONGEST = 400  # tokens of a function; longer ones are cut
SHORTEST = 16


def main() -> int:
    """Count, then encode."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=Path, default=OUT / "bug_cases")
    parser.add_argument("--out", type=Path, default=OUT / "bug_network")
    parser.add_argument("--each", type=int, default=2500, help="functions of a repository")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    paths = sorted(arguments.cases.glob("*.code.jsonl.gz"))
    vocabulary = _counted(paths)
    vocabulary.save(arguments.out / "vocabulary.txt")
    columns: dict[str, list[np.ndarray]] = {"kinds": [], "classes": [], "copies": [], "parts": []}
    chance = random.Random(1)
    starts, languages, repositories = [0], list[int](), list[int]()
    for number, path in enumerate(paths):
        for language, text in islice(_functions(path), arguments.each):
            if language != "python" and chance.random() > 0.5:
                continue  # what is judged is Python, for the most part
            tokens = lex(text, language)[:LONGEST]
            if len(tokens) < SHORTEST:
                continue
            encoded = vocabulary.encode(tokens)
            columns["kinds"].append(encoded.kinds.astype(np.int8))
            columns["classes"].append(encoded.classes)
            columns["copies"].append(encoded.copies)
            columns["parts"].append(encoded.parts)
            starts.append(starts[-1] + len(tokens))
            languages.append(language_number(language))
            repositories.append(number)
    arrays = {name: np.concatenate(pieces) for name, pieces in columns.items()}
    arrays |= {
        "starts": np.array(starts),
        "languages": np.array(languages),
        "repositories": np.array(repositories),
    }
    np.savez(arguments.out / "code.npz", allow_pickle=False, **arrays)
    names = [path.name.removesuffix(".code.jsonl.gz") for path in paths]
    (arguments.out / "repositories.json").write_text(json.dumps(names))
    print(f"{len(paths)} repositories, {len(languages)} functions, {starts[-1]} tokens")
    return 0


def _counted(paths: list[Path]) -> Vocabulary:
    """The vocabulary of what occurs in most repositories: a name that one project is full of tells little."""
    classes: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    for path in paths:
        texts: Counter[str] = Counter()
        pieces: Counter[str] = Counter()
        for language, text in islice(_functions(path), 400):
            for token in lex(text, language)[:LONGEST]:
                if len(spell := spelling(token)) <= 40:
                    texts[spell] += 1
                pieces.update(parts_of(token))
        for counts, total in ((texts, classes), (pieces, parts)):
            total.update({text: min(count, 20) for text, count in counts.items()})
    safe = [(part, count) for part, count in parts.items() if not any(char.isspace() for char in part)]
    return Vocabulary(most_frequent(classes.items(), CLASSES), most_frequent(safe, PARTS))


def _functions(path: Path) -> Iterator[tuple[str, str]]:
    """Those of one repository, in an order by chance that is always the same."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    random.Random(path.name).shuffle(records)
    yield from ((record["language"], record["text"]) for record in records)


if __name__ == "__main__":
    sys.exit(main())
