"""What a trainer reads: token sequences, which of their tokens are to be learned, and how they are packed.

A sample is a trunk and branches: several continuations of one beginning, none of which sees another. Only
tokens marked as learned count for the loss; what is asked, such as the edits so far, is not learned.

On disk, a compressed numpy archive:

    ids        uint16 or uint32, of all samples one after the other
    learned    as many bits, the first one highest
    branches   uint8: 0 for the trunk, then 1, 2, ...
    lengths    uint32, one for each sample
    about      JSON: what the samples were made from
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

OPEN_ROWS = 16  # that packing fills at a time


@dataclass
class Sample:
    """A sequence that is being put together."""

    ids: list[int] = field(default_factory=list)
    learned: list[bool] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)

    def add(self, tokens: Sequence[int], *, learned: bool = False, branch: int = 0) -> None:
        """Append tokens; those of a branch all come after the trunk."""
        self.ids += tokens
        self.learned += [learned] * len(tokens)
        self.branches += [branch] * len(tokens)


@dataclass(frozen=True)
class Samples:
    """Many sequences in flat arrays; sample i is at `starts[i]:starts[i + 1]`."""

    ids: npt.NDArray[Any]
    learned: npt.NDArray[np.bool_]
    branches: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    about: dict[str, Any]

    @classmethod
    def of(cls, samples: Iterable[Sample], about: dict[str, Any], vocab: int) -> Samples:
        """Flatten `samples`."""
        ids: list[npt.NDArray[Any]] = [np.zeros(0, np.uint16 if vocab <= 1 << 16 else np.uint32)]
        learned: list[npt.NDArray[np.bool_]] = [np.zeros(0, bool)]
        branches: list[npt.NDArray[np.uint8]] = [np.zeros(0, np.uint8)]
        for sample in samples:
            ids.append(np.array(sample.ids, ids[0].dtype))
            learned.append(np.array(sample.learned, bool))
            branches.append(np.array(sample.branches, np.uint8))
        starts = np.cumsum([len(each) for each in ids])
        return cls(np.concatenate(ids), np.concatenate(learned), np.concatenate(branches), starts, about)

    @classmethod
    def load(cls, path: Path) -> Samples:
        """Read what `save` has written."""
        with np.load(path) as file:
            starts = np.concatenate([[0], np.cumsum(file["lengths"], dtype=np.int64)])
            learned = np.unpackbits(file["learned"], count=int(starts[-1])).astype(bool)
            about = json.loads(file["about"].tobytes())
            return cls(file["ids"], learned, file["branches"], starts, about)

    def save(self, path: Path) -> None:
        """Write the archive described above."""
        np.savez_compressed(
            path,
            ids=self.ids,
            learned=np.packbits(self.learned),
            branches=self.branches,
            lengths=np.diff(self.starts).astype(np.uint32),
            about=np.frombuffer(json.dumps(self.about).encode(), np.uint8),
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def length(self, index: int) -> int:
        """Tokens of one sample."""
        return int(self.starts[index + 1] - self.starts[index])


@dataclass(frozen=True)
class Batch:
    """Packed rows, arrays `[rows, length]`. `documents` tells samples apart; padding is one of its own."""

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    documents: npt.NDArray[np.int64]
    branches: npt.NDArray[np.int64]
    learned: npt.NDArray[np.bool_]

    def answers(self) -> list[npt.NDArray[np.intp]]:
        """For each branch, or trunk, with learned tokens their indices among all learned ones."""
        row, column = np.nonzero(self.learned)
        places = np.stack([row, self.documents[row, column], self.branches[row, column]])
        _, answer = np.unique(places, axis=1, return_inverse=True)
        order = np.argsort(answer, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(answer[order])) + 1) if len(order) else []


Key = tuple[int, int]  # which set of samples, and which sample of it


def packed(keys: Iterable[Key], sets: Sequence[Samples], length: int) -> Iterator[list[Key]]:
    """Rows of samples that fill `length` tokens well: each goes to the first open row with room for it.

    Samples longer than a row are left out.
    """
    rows: list[tuple[int, list[Key]]] = []
    for key in keys:
        size = sets[key[0]].length(key[1])
        if size > length:
            continue
        at = next((n for n, (room, _) in enumerate(rows) if room >= size), None)
        if at is None:
            if len(rows) == OPEN_ROWS:
                yield rows.pop(min(range(OPEN_ROWS), key=lambda n: rows[n][0]))[1]
            rows.append((length, []))
            at = len(rows) - 1
        room, row = rows[at]
        rows[at] = room - size, [*row, key]
    yield from (row for _, row in rows)


def batch(rows: Sequence[Sequence[Key]], sets: Sequence[Samples], length: int) -> Batch:
    """The tokens of packed rows, padded with token 0."""
    shape = len(rows), length
    result = Batch(
        ids=np.zeros(shape, np.int64),
        positions=np.zeros(shape, np.int64),
        documents=np.full(shape, -1, np.int64),
        branches=np.zeros(shape, np.int64),
        learned=np.zeros(shape, bool),
    )
    for row, keys in enumerate(rows):
        end = 0
        for document, (which, index) in enumerate(keys):
            samples = sets[which]
            source = slice(samples.starts[index], samples.starts[index + 1])
            start, end = end, end + samples.length(index)
            result.ids[row, start:end] = samples.ids[source]
            result.branches[row, start:end] = samples.branches[source]
            result.learned[row, start:end] = samples.learned[source]
            result.documents[row, start:end] = document
            result.positions[row, start:end] = _positions(samples.branches[source])
    # What a sample or a branch begins with does not follow from the token before it.
    result.learned[:, 0] = False
    result.learned[:, 1:] &= np.diff(result.positions) == 1
    return result


def mixed(sets: Sequence[Samples], shares: Sequence[float], seed: int) -> Iterator[Key]:
    """Samples of all sets without end, each set in its share and shuffled anew whenever it is used up."""
    chance = np.random.default_rng(seed)
    orders: list[list[int]] = [[] for _ in sets]
    share = np.array(shares, float) / sum(shares)
    while True:
        for which in chance.choice(len(sets), 256, p=share).tolist():
            if not orders[which]:
                orders[which] = chance.permutation(len(sets[which])).tolist()
            yield which, orders[which].pop()


def _positions(branches: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Positions in a sample: each branch goes on where the trunk ends."""
    trunk = int((branches == 0).sum())
    positions = np.arange(len(branches))
    firsts = np.flatnonzero(np.diff(branches, prepend=0)) if len(branches) else positions
    for first in firsts:
        end = first + int((branches[first:] == branches[first]).sum())
        positions[first:end] = np.arange(trunk, trunk + end - first)
    return positions
