"""Fits the trees that make one judgement of a function of what the scorer says of its places.

    python -m training.bug_trees FEATURES... [--scores FILE] [--out FILE] [--odds W]

The scorer knows the functions that it was fitted on, so the scores that trees learn from are of scorers
fitted anew, each without a third of the repositories. What is printed is of repositories that are held
out, with the scores of the scorer that ships. With --scores the scores are kept in a file, and taken from
it where it is there: they take minutes, the trees ten seconds. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from bug_finder.aggregates import ODDS, aggregates
from bug_finder.scorer import Scorer
from engine.paths import manifest_dir
from training.bug_features import BUGGY, FIXED, UNTOUCHED
from training.bug_scorer import (
    INSIDE,
    Cases,
    area,
    exceeded,
    figures,
    fit,
    is_apart,
    length_bins,
    load,
    matched,
    weight_of,
)

PARTS = 3
SCORER = {"nets": 2, "epochs": 5, "batch": 48, "rate": 2e-3, "decay": 0.02, "drop": 0.05, "seed": 1}
# Small trees and few of them, as there are a few thousand bugs to learn from.
TREES = {"learning_rate": 0.03, "max_iter": 250, "max_leaf_nodes": 8, "min_samples_leaf": 60}
TREES |= {"l2_regularization": 10, "max_features": 0.4}
LONGEST = 24  # 4,096 places: trees would tell the longest functions apart by their length alone
# Kinds whose evidence is in the function, as evaluations count them.
FIRST_TIER = INSIDE - {"wrong_attribute"}


def main() -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, default=manifest_dir() / "bug_finder")
    parser.add_argument("--out", type=Path, default=manifest_dir() / "bug_finder" / "trees.npz")
    parser.add_argument("--scores", type=Path, help="a file that keeps the scores")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--odds", type=float, default=1.0, help="deviations of the odds for one of the trees")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cases = load(arguments.features)
    places, none = _scores(cases, arguments.model, arguments.scores)
    chosen = np.array([at for at, fact in enumerate(cases.facts) if fact[0] != FIXED])
    rows = np.stack([_row(cases, at, places, none) for at in chosen])
    apart = np.array([is_apart(cases.facts[at][4]) for at in chosen])
    fitted = fit_trees(rows[~apart], cases, chosen[~apart], arguments.seeds)
    raw = np.mean([each.decision_function(rows) for each in fitted], 0)
    odds = rows[:, ODDS]
    held = chosen[apart]
    print("held out, the scorer's odds:", report(cases, held, odds[apart]))
    print("held out, the trees:        ", report(cases, held, raw[apart]))
    weight = arguments.odds * raw[apart].std() / odds[apart].std()  # what was learned from deviates more
    print("held out, both:             ", report(cases, held, (raw + weight * odds)[apart]))
    np.savez_compressed(arguments.out, allow_pickle=False, **arrays_of(fitted, weight))
    return 0


def _scores(cases: Cases, model: Path, kept: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Of all places, (places,), and of none, (F,), by scorers that do not know the repository."""
    if kept and kept.exists():
        with np.load(kept) as file:
            return file["places"], file["none"]
    apart = np.array([is_apart(fact[4]) for fact in cases.facts])
    part = np.array([_part(fact[4]) for fact in cases.facts])
    places, none = np.zeros(len(cases.rows), np.float32), np.zeros(len(cases.facts), np.float32)
    for each in range(PARTS):
        learned, asked = np.flatnonzero(~apart & (part != each)), np.flatnonzero(~apart & (part == each))
        if not len(learned):
            raise SystemExit("there are too few repositories to leave a third out")
        arrays = fit(cases, learned, argparse.Namespace(**SCORER), lambda _: "")
        if len(asked):
            print(f"part {each + 1}: {figures(cases, asked, arrays)}", flush=True)
        _score(cases, asked, Scorer(arrays), places, none)
    _score(cases, np.flatnonzero(apart), Scorer.load(model / "scorer.npz"), places, none)
    if kept:
        np.savez(kept, places=places, none=none)
    return places, none


def _part(repository: str) -> int:
    return int(hashlib.sha256(repository.encode()).hexdigest()[4:8], 16) % PARTS


def _score(cases: Cases, functions: np.ndarray, scorer: Scorer, places: np.ndarray, none: np.ndarray) -> None:
    for at in functions:
        inside = slice(cases.starts[at], cases.starts[at + 1])
        places[inside], none[at] = scorer.scores(cases.rows[inside].astype(np.float32), cases.functions[at])


def _row(cases: Cases, at: int, places: np.ndarray, none: np.ndarray) -> np.ndarray:
    inside = slice(cases.starts[at], cases.starts[at + 1])
    return aggregates(
        places[inside],
        float(none[at]),
        cases.rows[inside].astype(np.float32),
        cases.lines[inside].astype(int),
    )


def fit_trees(
    rows: np.ndarray, cases: Cases, functions: np.ndarray, seeds: int
) -> list[HistGradientBoostingClassifier]:
    """As many forests as there are seeds."""
    buggy = np.array([cases.facts[at][0] == BUGGY for at in functions])
    weights = _balanced(cases, functions, buggy)
    return [
        HistGradientBoostingClassifier(random_state=seed, **TREES).fit(rows, buggy, sample_weight=weights)
        for seed in range(seeds)
    ]


def _balanced(cases: Cases, functions: np.ndarray, buggy: np.ndarray) -> np.ndarray:
    """A weight for each function; those of any length weigh as much with a bug as without one."""
    weights = np.array([weight_of(cases.facts[at]) for at in functions])
    weights *= matched(cases, functions, LONGEST)
    bins = length_bins(cases, functions, LONGEST)
    wrong, right = (np.bincount(bins, weights * each, LONGEST + 1) for each in (buggy, ~buggy))
    share = np.where(wrong > 0, right / np.maximum(wrong, 1e-9), 0)
    return np.where(buggy, weights * share[bins], weights)


def arrays_of(fitted: list[HistGradientBoostingClassifier], odds: float) -> dict[str, np.ndarray]:
    """The mean of the forests and `odds` times the scorer's, as `bug_finder.trees.Trees` reads it."""
    trees = [tree[0].nodes for each in fitted for tree in each._predictors]
    sizes = np.array([len(nodes) for nodes in trees])
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    nodes, first = np.concatenate(trees), np.repeat(roots, sizes)
    leaf, itself = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    limit = nodes["num_threshold"].astype(np.float32)
    # Never larger than in the library: what is equal to a limit there stays on its side.
    limit = np.where(limit > nodes["num_threshold"], np.nextafter(limit, np.float32(-np.inf)), limit)
    return {
        "column": np.where(leaf, 0, nodes["feature_idx"]).astype(np.uint8),
        "limit": np.where(leaf, 0, limit).astype(np.float32),
        "left": np.where(leaf, itself, first + nodes["left"]).astype(np.uint16),
        "right": np.where(leaf, itself, first + nodes["right"]).astype(np.uint16),
        "value": (np.where(leaf, nodes["value"], 0) / len(fitted)).astype(np.float32),
        "roots": roots.astype(np.uint16),
        "odds": np.array(odds, np.float32),
        "start": np.array(np.mean([each._baseline_prediction for each in fitted]), np.float32),
        "depth": np.array(nodes["depth"].max(), np.uint8),
    }


def report(cases: Cases, functions: np.ndarray, scores: np.ndarray) -> str:
    """AUC, and how many bugs are above what one function in a hundred without one reaches."""
    label = np.array([cases.facts[at][0] for at in functions])
    kinds = np.array([cases.facts[at][2] for at in functions])
    calm = scores[label == UNTOUCHED]
    weights = matched(cases, functions, LONGEST)[label == UNTOUCHED]
    threshold = exceeded(calm, weights, 0.01)
    texts = []
    for name, wanted in (("all", None), ("inside", INSIDE), ("tier 1", FIRST_TIER)):
        bugs = scores[(label == BUGGY) & (True if wanted is None else np.isin(kinds, list(wanted)))]
        above = (bugs > threshold).mean() if len(bugs) else 0
        texts.append(f"{name} {len(bugs)}: {area(bugs, calm, weights):.3f}, above {above:.3f}")
    return "  ".join(texts)


if __name__ == "__main__":
    sys.exit(main())
