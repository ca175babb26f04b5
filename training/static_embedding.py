"""Trains the static code embedding: one direction for each term, and what the term weighs in each role.

    python -m training.static_embedding PAIRS --out MODEL.npz [--start TABLE.npz] [--minutes 10]

A text is a bag of `retrieval.tokens.terms`. Its vector is the sum of its terms' directions, each times its
weight in the text's role (question, name, body) and the logarithm of its count; a chunk is its name and its
body. Pairs of a question and its code (`training.data.search_pairs`) are pulled together against all other
code of the batch, by InfoNCE in both directions. Batches are made of runs of pairs from the same repository,
because that is what a search tells apart.

`--start` is an npz with `terms` and `vectors`: where directions begin. Without it they begin at random. A run
goes on where another stopped if `--out` exists. `--export` writes what the program reads.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import torch

from retrieval.embedding import BODY, NAME, QUERY, Bag, EmbeddingManifest, chunk_bag, query_bag
from training.data.examples import SearchPair
from training.data.shards import read_shard

DIMS = 256
VOCABULARY = 32_768
RUN = 128  # pairs of one repository side by side
RUNS = 6  # of them in a batch
RATE = 0.006  # of single directions; more learns the training repositories by heart
TURN_RATE = 0.001  # of the matrix that turns all of them alike
WEIGHT_RATE = 0.02
DROPPED = 0.15  # share of a text's terms that a step does not see

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bags:
    """Texts as terms: text i holds `ids[ends[i-1]:ends[i]]` with `counts`, each in one of the roles."""

    ids: Ints
    counts: Floats
    roles: Ints
    ends: Ints

    def take(self, rows: Sequence[int]) -> Bags:
        """Some of the texts, in this order."""
        starts = [int(self.ends[row - 1]) if row else 0 for row in rows]
        spans = [np.arange(start, self.ends[row]) for start, row in zip(starts, rows, strict=True)]
        at = np.concatenate(spans) if spans else np.empty(0, np.int64)
        return Bags(self.ids[at], self.counts[at], self.roles[at], np.cumsum([len(span) for span in spans]))


@dataclass(frozen=True)
class Pairs:
    """Questions and chunks of one repository; equal `keys` mean the same question."""

    queries: Bags
    chunks: Bags
    keys: Ints


def main() -> None:
    """Read pairs, train for some minutes, write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pairs", type=Path, help="the folder that search_pairs wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--total-minutes", type=float, help="of all runs, for the learning rate's way down")
    parser.add_argument("--export", type=Path, help="the folder of the program's table")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    train = read_pairs(arguments.pairs / "train")
    state = State.resume(arguments.out) if arguments.out.exists() else State.new(train, arguments.start)
    print(
        f"{sum(map(len, train.values()))} pairs, {len(state.terms)} terms, minute {state.minutes:.1f}",
        flush=True,
    )
    index = {term: row for row, term in enumerate(state.terms)}
    encoded = {name: encode(pairs, index) for name, pairs in train.items()}
    held_out = [encode(pairs, index) for pairs in read_pairs(arguments.pairs / "held_out").values()]
    learn(state, list(encoded.values()), held_out, arguments.minutes, arguments.total_minutes)
    state.save(arguments.out)
    if arguments.export:
        export(state, arguments.export)


def export(state: State, folder: Path) -> None:
    """Write table.npz, and its hash into the manifest.json that is there."""
    vectors = (state.vectors @ state.turn).numpy()
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / 127
    table = folder / "table.npz"
    np.savez(
        table,
        terms=np.frombuffer("\n".join(state.terms).encode(), np.uint8),
        vectors=np.rint(vectors / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
        weights=state.weights.exp().numpy().astype(np.float16),
    )
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=EmbeddingManifest)
    manifest = msgspec.structs.replace(manifest, sha256=hashlib.sha256(table.read_bytes()).hexdigest())
    (folder / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def read_pairs(folder: Path) -> dict[str, list[SearchPair]]:
    """Pairs by repository; tests are left out, as searches are rarely for them."""
    return {
        shard.stem: [pair for pair in read_shard(shard, SearchPair) if "test" not in pair.path.lower()]
        for shard in sorted(folder.glob("*.shard"))
    }


def vocabulary(train: dict[str, list[SearchPair]]) -> list[str]:
    """The VOCABULARY terms that most texts hold; questions count more, as they are short."""
    seen: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    for pairs in train.values():
        here: set[str] = set()
        for pair in pairs:
            words = set(query_bag(pair.query))
            code = {term for part in chunk_bag(pair.name, pair.code) for term in part}
            seen.update(words)
            seen.update(words)
            seen.update(code)
            here |= words | code
        spread.update(here)
    ranked = sorted(seen, key=lambda term: (-min(spread[term], 3), -seen[term], term))
    return sorted(ranked[:VOCABULARY])


def encode(pairs: Sequence[SearchPair], index: dict[str, int]) -> Pairs:
    """Texts as bags of rows of the table."""
    queries = [[(query_bag(pair.query), QUERY)] for pair in pairs]
    chunks = [list(zip(chunk_bag(pair.name, pair.code), (NAME, BODY), strict=True)) for pair in pairs]
    keys = np.array([hash(pair.query) for pair in pairs], np.int64)
    return Pairs(_bags(queries, index), _bags(chunks, index), keys)


def _bags(texts: Sequence[Sequence[tuple[Bag, int]]], index: dict[str, int]) -> Bags:
    ids, counts, roles, ends = list[int](), list[float](), list[int](), list[int]()
    for text in texts:
        for bag, role in text:
            for term, count in bag.items():
                if (row := index.get(term)) is not None:
                    ids.append(row)
                    counts.append(count)
                    roles.append(role)
        ends.append(len(ids))
    return Bags(np.array(ids, np.int64), np.array(counts, np.float32), np.array(roles), np.array(ends))


class State:
    """The table while it is trained, with the sums of squares that Adagrad keeps."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.terms: list[str] = [str(term) for term in arrays["terms"]]
        self.vectors = torch.tensor(arrays["vectors"], dtype=torch.float32)
        self.weights = torch.tensor(arrays["weights"], dtype=torch.float32)  # logarithms, (3, terms)
        self.vector_squares = torch.tensor(arrays["vector_squares"], dtype=torch.float32)
        self.weight_squares = torch.tensor(arrays["weight_squares"], dtype=torch.float32)
        self.turn = torch.tensor(
            arrays["turn"], dtype=torch.float32
        )  # (DIMS, DIMS), applied to all directions
        self.turn_moments = torch.tensor(
            arrays["turn_moments"], dtype=torch.float32
        )  # Adam's, (2, DIMS, DIMS)
        self.scale = float(arrays["scale"])
        self.minutes = float(arrays["minutes"])

    @classmethod
    def resume(cls, path: Path) -> State:
        """What an earlier run left."""
        with np.load(path) as arrays:
            return cls(dict(arrays))

    @classmethod
    def new(cls, train: dict[str, list[SearchPair]], start: Path | None) -> State:
        """Directions from `start`, the others at random; weights by how rare a term is."""
        terms = vocabulary(train)
        chance = np.random.default_rng(0)
        vectors = chance.standard_normal((len(terms), DIMS)).astype(np.float32) / math.sqrt(DIMS)
        if start:
            with np.load(start) as file:
                given = dict(zip(file["terms"].tolist(), file["vectors"], strict=True))
            for row, term in enumerate(terms):
                vectors[row] = given.get(term, vectors[row])
        texts = [pair for pairs in train.values() for pair in pairs]
        found = Counter(t for pair in texts for part in chunk_bag(pair.name, pair.code) for t in set(part))
        rare = np.array([math.log(math.log(2 + len(texts) / (1 + found[term]))) for term in terms])
        weights = np.stack([rare, rare + 0.7, rare]).astype(np.float32)
        return cls(
            {
                "terms": terms,
                "vectors": vectors,
                "weights": weights,
                "vector_squares": np.full((len(terms), 1), 1e-8, np.float32),
                "weight_squares": np.full_like(weights, 1e-8),
                "turn": np.eye(DIMS, dtype=np.float32),
                "turn_moments": np.zeros((2, DIMS, DIMS), np.float32),
                "scale": 20.0,
                "minutes": 0.0,
            }
        )

    def save(self, path: Path) -> None:
        """Everything that a later run needs."""
        np.savez(
            path,
            terms=np.array(self.terms),
            vectors=self.vectors.numpy(),
            weights=self.weights.numpy(),
            vector_squares=self.vector_squares.numpy(),
            weight_squares=self.weight_squares.numpy(),
            turn=self.turn.numpy(),
            turn_moments=self.turn_moments.numpy(),
            scale=self.scale,
            minutes=self.minutes,
        )


def learn(
    state: State, train: list[Pairs], held_out: list[Pairs], minutes: float, total: float | None
) -> None:
    """Steps until the time is over; says the held-out MRR@10 now and then."""
    began, before = time.monotonic(), state.minutes
    total = total or before + minutes
    losses: list[float] = []
    print(f"held out: MRR@10 {held_out_mrr(state, held_out):.4f}", flush=True)
    for step, (queries, chunks, same) in enumerate(batches(train, seed=int(before * 1000)), 1):
        state.minutes = before + (time.monotonic() - began) / 60
        if state.minutes >= before + minutes:
            break
        losses.append(step_on(state, queries, chunks, same, 1 - 0.95 * state.minutes / total))
        if step % 20 == 0:
            print(f"minute {state.minutes:.1f} step {step} loss {np.mean(losses[-20:]):.4f}", flush=True)
        if step % 200 == 0:
            print(f"held out: MRR@10 {held_out_mrr(state, held_out):.4f}", flush=True)
    print(f"held out: MRR@10 {held_out_mrr(state, held_out):.4f}", flush=True)


def batches(train: list[Pairs], seed: int) -> Iterator[tuple[Bags, Bags, npt.NDArray[np.bool_]]]:
    """Without end: RUNS runs of RUN pairs, repositories by their share of the pairs."""
    chance = np.random.default_rng(seed)
    usable = [pairs for pairs in train if len(pairs.keys) >= RUN]
    shares = np.array([len(pairs.keys) for pairs in usable], float) ** 0.75
    while True:
        queries, chunks, keys = [], [], []
        for at in chance.choice(len(usable), RUNS, p=shares / shares.sum(), replace=False):
            rows = chance.choice(len(usable[at].keys), RUN, replace=False).tolist()
            queries.append(usable[at].queries.take(rows))
            chunks.append(usable[at].chunks.take(rows))
            keys.append(usable[at].keys[rows])
        key = np.concatenate(keys)
        same = (key[:, None] == key[None, :]) & ~np.eye(len(key), dtype=bool)
        yield _joined(queries), _joined(chunks), same


def _joined(bags: Sequence[Bags]) -> Bags:
    offsets = np.cumsum([0, *(int(bag.ends[-1]) for bag in bags[:-1])])
    return Bags(
        np.concatenate([bag.ids for bag in bags]),
        np.concatenate([bag.counts for bag in bags]),
        np.concatenate([bag.roles for bag in bags]),
        np.concatenate([bag.ends + offset for bag, offset in zip(bags, offsets, strict=True)]),
    )


def step_on(state: State, queries: Bags, chunks: Bags, same: npt.NDArray[np.bool_], rate: float) -> float:
    """One step of Adagrad on the rows that the batch holds; returns the loss."""
    used, local = np.unique(np.concatenate([queries.ids, chunks.ids]), return_inverse=True)
    rows = torch.from_numpy(used)
    vectors = state.vectors[rows].requires_grad_()
    turn = state.turn.clone().requires_grad_()
    weights = state.weights[:, rows].requires_grad_()
    scale = torch.tensor(state.scale, requires_grad=True)
    split = len(queries.ids)
    turned = vectors @ turn
    left = embed(turned, weights, queries, local[:split], DROPPED)
    right = embed(turned, weights, chunks, local[split:], DROPPED)
    scores = (left @ right.T * scale).masked_fill(torch.from_numpy(same), -1e4)
    answers = torch.arange(len(scores))
    forward = torch.nn.functional.cross_entropy(scores, answers)
    loss = forward + 0.5 * torch.nn.functional.cross_entropy(scores.T, answers)
    loss.backward()
    assert vectors.grad is not None
    assert weights.grad is not None
    assert scale.grad is not None
    assert turn.grad is not None
    first, second = state.turn_moments
    first.lerp_(turn.grad, 0.1)
    second.lerp_(turn.grad**2, 0.01)
    state.turn -= TURN_RATE * rate * first / (second.sqrt() + 1e-8)
    squares = state.vector_squares[rows] + (vectors.grad**2).mean(1, keepdim=True)
    state.vector_squares[rows] = squares
    state.vectors[rows] -= (
        RATE * rate * vectors.grad / squares.sqrt() * vectors.detach().norm(dim=1).mean() / 4
    )
    weight_squares = state.weight_squares[:, rows] + weights.grad**2
    state.weight_squares[:, rows] = weight_squares
    state.weights[:, rows] -= WEIGHT_RATE * rate * weights.grad / weight_squares.sqrt()
    state.scale = min(max(state.scale - 0.5 * rate * float(scale.grad.sign()), 5.0), 60.0)
    return float(forward.detach())


def embed(
    vectors: torch.Tensor, weights: torch.Tensor, bags: Bags, local: Ints, dropped: float = 0.0
) -> torch.Tensor:
    """Unit vectors of texts, (texts, DIMS); `local` are the rows of `vectors` for `bags.ids`."""
    at = torch.from_numpy(local)
    factors = weights[torch.from_numpy(bags.roles), at].exp() * torch.from_numpy(bags.counts)
    factors = factors * (torch.rand(len(at)) >= dropped)
    starts = torch.from_numpy(np.concatenate([[0], bags.ends[:-1]]))
    summed = torch.nn.functional.embedding_bag(at, vectors, starts, mode="sum", per_sample_weights=factors)
    return torch.nn.functional.normalize(summed, dim=1, eps=1e-6)


def held_out_mrr(state: State, held_out: list[Pairs]) -> float:
    """Mean reciprocal rank of the right chunk among all chunks of its repository."""
    found: list[float] = []
    turned = state.vectors @ state.turn
    for pairs in held_out:
        left = embed(turned, state.weights, pairs.queries, pairs.queries.ids)
        right = embed(turned, state.weights, pairs.chunks, pairs.chunks.ids)
        scores = left @ right.T
        ranks = (scores > scores.diagonal()[:, None]).sum(1).numpy()
        found.extend(np.where(ranks < 10, 1 / (1 + ranks), 0.0).tolist())
    return float(np.mean(found))


if __name__ == "__main__":
    main()
