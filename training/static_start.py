"""Where the static embedding's directions begin: those of ken-rank's token table (MIT), in fewer dimensions.

    python -m training.static_start PAIRS KEN.npz OUT.npz

KEN is `ken/embedder/data/*.npz` of the package ken-rank 0.18.0: `lut` from token to row, rows `A` with
`A_scale`, a projection `B`, the tokenizer as JSON. A term of ours is the mean of its words, by how often
the pairs hold each word, a word the mean of its tokens; then the principal components, terms weighted by the
logarithm of their counts.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from retrieval.tokens import parts, stem
from training.data.examples import SearchPair
from training.data.shards import read_shard
from training.static_embedding import DIMS

LEAST = 2  # words that occur less often are left out


def main(pairs: Path, ken: Path, out: Path) -> None:
    """Write `terms` and `vectors`, whose lengths are 1 on average."""
    counts = words_of(pairs)
    words = sorted(word for word, count in counts.items() if count >= LEAST)
    vectors = word_vectors(ken, [spelled for _, spelled in words])
    terms = sorted({term for term, _ in words})
    row = {term: at for at, term in enumerate(terms)}
    at = np.array([row[term] for term, _ in words])
    weight = np.array([counts[word] for word in words], np.float32)
    total = np.bincount(at, weight)
    summed = np.zeros((len(terms), vectors.shape[1]), np.float32)
    np.add.at(summed, at, vectors * weight[:, None])
    mean = summed / total[:, None]
    spread = (mean * np.log1p(total)[:, None]).T @ mean
    components = np.linalg.eigh(spread)[1][:, ::-1][:, :DIMS]
    small = mean @ components
    small /= np.linalg.norm(small, axis=1).mean()
    np.savez(out, terms=np.array(terms), vectors=small.astype(np.float32))


def words_of(pairs: Path) -> Counter[tuple[str, str]]:
    """(term, how it is spelled out) for every word and every identifier of several words."""
    counts: Counter[tuple[str, str]] = Counter()
    for shard in sorted(pairs.rglob("*.shard")):
        for pair in read_shard(shard, SearchPair):
            for identifier in re.findall(r"\w+", f"{pair.query} {pair.name} {pair.code}"):
                words = parts(identifier)
                counts.update((stem(word), word) for word in words)
                if len(words) > 1:
                    counts[identifier.replace("_", "").lower(), " ".join(words)] += 1
    return counts


def word_vectors(ken: Path, words: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(words, 1024): the mean of each word's tokens."""
    with np.load(ken) as file:
        table = file["A"].astype(np.float32) * file["A_scale"][:, None]
        rows, projection = file["lut"].astype(np.int64), file["B"].astype(np.float32)
        tokenizer = Tokenizer.from_str(bytes(file["tokenizer"]).decode())
    encoded = tokenizer.encode_batch([f" {word}" for word in words], add_special_tokens=False)
    means = [table[rows[each.ids]].mean(axis=0) for each in encoded]
    return np.asarray(np.stack(means) @ projection)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
