"""Samples on disk and in packed rows."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.samples import Sample, Samples, batch, mixed, packed


def samples(*lengths: int) -> Samples:
    made = []
    for n, length in enumerate(lengths):
        sample = Sample()
        sample.add([10 * n + i for i in range(length)], learned=n % 2 == 0)
        made.append(sample)
    return Samples.of(made, {"made": "here"}, vocab=1000)


def branched() -> Sample:
    sample = Sample()
    sample.add([1, 2, 3])
    sample.add([4, 5], learned=True, branch=1)
    sample.add([6, 7, 8], learned=True, branch=2)
    return sample


def test_a_file_holds_what_was_saved(tmp_path: Path) -> None:
    before = Samples.of([branched(), branched()], {"a": [1, 2]}, vocab=70_000)
    before.save(tmp_path / "x.npz")
    after = Samples.load(tmp_path / "x.npz")
    assert after.about == before.about
    assert after.ids.dtype == np.uint32
    for name in ("ids", "learned", "branches", "starts"):
        assert np.array_equal(getattr(after, name), getattr(before, name)), name


def test_small_vocabularies_take_two_bytes_a_token() -> None:
    assert samples(3).ids.dtype == np.uint16


def test_branches_go_on_where_the_trunk_ends() -> None:
    made = batch([[(0, 0)]], [Samples.of([branched()], {}, 10)], 10)
    assert made.positions.tolist() == [[0, 1, 2, 3, 4, 3, 4, 5, 0, 0]]
    assert made.branches.tolist() == [[0, 0, 0, 1, 1, 2, 2, 2, 0, 0]]
    assert made.documents.tolist() == [[0] * 8 + [-1] * 2]
    # 6 follows 3, but stands behind 5: it cannot be learned.
    assert made.ids[0][made.learned[0]].tolist() == [4, 5, 7, 8]
    assert [answer.tolist() for answer in made.answers()] == [[0, 1], [2, 3]]


def test_the_first_token_of_a_sample_is_not_learned() -> None:
    made = batch([[(0, 0), (0, 2)]], [samples(2, 1, 3)], 6)
    assert made.ids.tolist() == [[0, 1, 20, 21, 22, 0]]
    assert made.learned.tolist() == [[False, True, False, True, True, False]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_packing_loses_nothing_that_fits(lengths: list[int]) -> None:
    sets = [samples(*lengths)]
    rows = list(packed([(0, n) for n in range(len(lengths))], sets, 32))
    kept = sorted(index for row in rows for _, index in row)
    assert kept == [n for n, length in enumerate(lengths) if length <= 32]
    assert all(sum(lengths[index] for _, index in row) <= 32 for row in rows)


def test_packing_wastes_little() -> None:
    lengths = np.random.default_rng(0).integers(20, 900, 2000).tolist()
    sets = [samples(*lengths)]
    rows = list(packed([(0, n) for n in range(len(lengths))], sets, 2048))
    assert sum(lengths) / (2048 * len(rows)) > 0.97


def test_a_mixture_keeps_its_shares_and_repeats_with_its_seed() -> None:
    sets = [samples(*[3] * 50), samples(*[3] * 7)]
    keys = list(islice(mixed(sets, [3, 1], seed=5), 4000))
    assert keys == list(islice(mixed(sets, [3, 1], seed=5), 4000))
    assert keys != list(islice(mixed(sets, [3, 1], seed=6), 4000))
    assert abs(sum(which == 0 for which, _ in keys) / 4000 - 0.75) < 0.03
    first = [index for which, index in keys if which == 1][:7]
    assert sorted(first) == list(range(7))
