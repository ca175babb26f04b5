"""The judgement of a function as a whole: what it is made of, and the trees that make it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from bug_finder.aggregates import COLUMNS, ODDS, aggregates
from bug_finder.detect import FILES, Detector, recipe_of
from bug_finder.features import GROUP_COLUMNS, MARGIN
from bug_finder.reader import Reader
from bug_finder.scorer import Scorer, probabilities
from bug_finder.sites import GROUPS
from bug_finder.trees import Trees
from engine.paths import manifest_dir
from tests.bug_finder.samples import SHAPES, detector

MODEL = manifest_dir() / "bug_finder"
TINY = {
    # Left at 1 or less: -1; else right of 2 in another column: 4, else 3. And a tree that is a leaf.
    "column": [5, 0, 7, 0, 0, 0],
    "limit": [1.0, 0, 2.0, 0, 0, 0],
    "left": [1, 1, 3, 3, 4, 5],
    "right": [2, 1, 4, 3, 4, 5],
    "value": [0, -1, 0, 3, 4, 10],
    "roots": [0, 5],
    "odds": 0.5,
    "start": 100,
    "depth": 2,
}


@pytest.mark.parametrize(("first", "second", "said"), [(1, 9, -1), (1.001, 2, 3), (1.001, 2.001, 4)])
def test_a_row_goes_left_where_it_is_no_larger(first: float, second: float, said: float) -> None:
    row = np.zeros(COLUMNS, np.float32)
    row[[5, 7, ODDS]] = first, second, 6
    assert Trees(TINY).raw(row) == 110 + said
    assert Trees(TINY).odds(row) == 113 + said


def test_aggregates_are_of_the_places_and_lines() -> None:
    scores, lines = np.array([2, 0, 1, -1], np.float32), np.array([3, 3, 1, 1])
    rows = np.zeros((4, 96), np.float32)
    rows[:, MARGIN] = 0.5, 2.5, -1, 0
    rows[:, GROUP_COLUMNS] = np.eye(len(GROUPS))[[4, 0, 4, 0]]
    row = aggregates(scores, 1.0, rows, lines)
    assert row.shape == (COLUMNS,)
    total = np.log(np.exp(scores).sum())
    assert np.allclose(row[:4], [total - 1, 1, total, total - np.log(4) - 1])
    assert np.allclose(row[4:11], [1, 0, -1, -2, -2, 1, 2])
    assert row[14] == pytest.approx(1 / (1 + np.exp(-1)))  # the best line's best place beside the other's
    assert np.allclose(row[16:18], np.log(4))
    assert np.allclose(row[20:27], [0.5, 0.25, 0.25, 2, 1, 2.5, -1])
    assert row[27] == 4  # the group of the best place
    of_groups, margins = row[-28:-14], row[-14:]
    assert (of_groups[4], of_groups[0], of_groups[1]) == (1, -1, -15)
    assert (margins[4], margins[0], margins[1]) == (0.5, 2.5, -12)


def test_the_scorer_s_own_odds_are_the_first_column_of_a_real_function() -> None:
    (read,) = Reader.load(MODEL).read([(SHAPES, "python")])
    assert read is not None
    scores, none = Scorer.load(MODEL / "scorer.npz").scores(read.described.rows, read.described.function)
    row = aggregates(scores, none, read.described.rows, read.lines)
    _, right = probabilities(scores, none)
    assert row[ODDS] == pytest.approx(np.log((1 - right) / right), abs=1e-4)
    assert np.isfinite(row).all()


def test_a_single_place_is_enough() -> None:
    row = aggregates(np.zeros(1, np.float32), 0.0, np.zeros((1, 96), np.float32), np.zeros(1, np.int64))
    assert np.isfinite(row).all()


def test_the_detector_judges_by_the_trees_that_ship(tmp_path: Path) -> None:
    """Other trees are another judgement of every function, and another recipe; findings stay."""
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    with np.load(MODEL / "trees.npz") as file:
        arrays = dict(file)
    np.savez_compressed(model / "trees.npz", allow_pickle=False, **(arrays | {"start": arrays["start"] + 2}))
    other = Detector.load(model)
    assert other.recipe != detector().recipe
    text = "def f(a, b):\n    c = a + b\n    return c + a\n"
    (before,), (after,) = detector().judge(text, "python"), other.judge(text, "python")
    assert after.probability > before.probability
    assert after.findings == before.findings


def test_a_changed_byte_of_any_file_is_another_recipe(tmp_path: Path) -> None:
    before = recipe_of(MODEL)
    for name in FILES:
        model = tmp_path / name
        shutil.copytree(MODEL, model)
        content = bytearray((model / name).read_bytes())
        content[-1] ^= 1
        (model / name).write_bytes(content)
        assert recipe_of(model) != before


def test_what_ships_is_small_and_refers_to_what_is_there() -> None:
    path = MODEL / "trees.npz"
    assert path.stat().st_size < 300_000
    with np.load(path) as file:
        arrays = dict(file)
    assert int(arrays["column"].max()) < COLUMNS
    count = len(arrays["column"])
    at = arrays["roots"].astype(int)
    assert max(arrays["left"].max(), arrays["right"].max(), at.max()) < count
    # However it is walked, it ends in a leaf.
    leaf = arrays["left"] == np.arange(count)
    for side in ("left", "right"):
        end = at
        for _ in range(int(arrays["depth"])):
            end = arrays[side][end].astype(int)
        assert leaf[end].all()
