"""Trees as they ship against the library that fitted them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")
pytest.importorskip("sklearn", reason="needs scikit-learn (the extra `train`)")

from sklearn.ensemble import HistGradientBoostingClassifier

from bug_finder.aggregates import ODDS, aggregates
from bug_finder.detect import Detector
from bug_finder.reader import Reader
from bug_finder.scorer import Scorer
from bug_finder.trees import Trees
from engine.paths import manifest_dir
from training.bug_trees import TREES, arrays_of

pytestmark = pytest.mark.train

MODEL = manifest_dir() / "bug_finder"
ROOT = Path(__file__).resolve().parents[2]


def real_rows() -> np.ndarray:
    """The aggregates of our own functions."""
    detector, reader = Detector.load(), Reader.load(MODEL)
    scorer = Scorer.load(MODEL / "scorer.npz")
    found = []
    for path in [*sorted((ROOT / "bug_finder").glob("*.py")), ROOT / "bench" / "bugs_speed.py"]:
        text, language = path.read_text("utf-8"), "python"
        functions = [(each.text, language) for each in detector.functions(text, language)]
        found += [each for each in reader.read(functions) if each is not None]
    return np.stack(
        [
            aggregates(
                *scorer.scores(each.described.rows, each.described.function), each.described.rows, each.lines
            )
            for each in found
        ]
    )


def test_trees_say_what_the_library_says_of_real_functions() -> None:
    rows = real_rows()
    truth = rows[:, ODDS] + np.random.default_rng(1).normal(0, 0.5, len(rows)) > np.median(rows[:, ODDS])
    settings = TREES | {"max_iter": 40, "min_samples_leaf": 5}
    fitted = [
        HistGradientBoostingClassifier(random_state=seed, **settings).fit(rows, truth) for seed in (1, 2)
    ]
    trees = Trees(arrays_of(fitted, 0.5))
    expected = np.mean([each.decision_function(rows) for each in fitted], 0)
    assert expected.std() > 0.3
    assert np.allclose([trees.raw(row) for row in rows], expected, atol=1e-5)
    assert np.allclose([trees.odds(row) for row in rows], expected + 0.5 * rows[:, ODDS], atol=1e-5)
    # What is equal to a limit goes left there, and just above it right.
    limits = [(node["feature_idx"], node["num_threshold"]) for node in fitted[0]._predictors[0][0].nodes]
    column, limit = next(each for each in limits if each[1])
    for value in (np.float32(limit), np.nextafter(np.float32(limit), np.float32(np.inf))):
        edge = rows[:1].copy()
        edge[0, column] = value
        assert trees.raw(edge[0]) == pytest.approx(
            float(np.mean([each.decision_function(edge) for each in fitted])), abs=1e-5
        )
