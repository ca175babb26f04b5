"""Fits what makes probabilities of what the scorer and the trees say, and says how well they hold.

    python -m training.bug_calibrate FEATURES... [--model DIR] [--share S]

Only repositories that the scorer was not fitted on. A finding is a line; it is right where the fix
changed that line. Functions are weighted so that a share S of them has a bug. The fit and what is printed
are of different repositories, in turn. Checks speak too rarely for that:
their shares are of mended lines and of what was read by eye. What holds of functions is drawn as well:
docs/bug-reliability.svg, and docs/bug-precision-recall.svg by language.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bug_finder.aggregates import aggregates
from bug_finder.calibrate import Calibration, Line
from bug_finder.detect import LINES
from bug_finder.scorer import Scorer, probabilities
from bug_finder.trees import Trees
from engine.paths import manifest_dir
from training.bug_features import BUGGY, FIXED
from training.bug_scorer import Cases, is_apart, load, matched, weight_of
from training.pictures import precision_recall, reliability

BINS = 10
DOCS = Path(__file__).parents[1] / "docs"
SUREST = 25  # predictions: nothing surer is claimed than they were right
LEAST = 25  # functions with a bug that a language needs for a curve of its own


def main() -> int:
    """Fit, report, write calibration.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, default=manifest_dir() / "bug_finder")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--pictures", type=Path, default=DOCS)
    arguments = parser.parse_args()
    cases = load(arguments.features)
    chosen = [at for at, fact in enumerate(cases.facts) if is_apart(fact[4]) and fact[0] != FIXED]
    scorer, trees = Scorer.load(arguments.model / "scorer.npz"), Trees.load(arguments.model / "trees.npz")
    weights = _weights(cases, chosen, arguments.share)
    lines, functions = _judged(cases, chosen, scorer, trees)
    repositories = np.array([hash_of(cases.facts[at][4]) for at in chosen])
    fitted = {}
    for name, rows in (("finding", lines), ("function", functions)):
        odds, right, owner = (np.array(column) for column in zip(*rows, strict=True))
        share, fold = weights[owner.astype(int)], repositories[owner.astype(int)] % 2
        predicted = np.zeros(len(odds))
        for each in (0, 1):
            line = fit(odds[fold != each], right[fold != each], share[fold != each])
            predicted[fold == each] = [line(1 / (1 + np.exp(-value))) for value in odds[fold == each]]
        print(f"{name}: calibration error {error(predicted, right, share):.4f}")
        bins = list(tenths(predicted, right, share))
        for count, said, held in bins:
            print(f"  said {said:.3f}  held {held:.3f}  of {count}")
        fitted[name] = fit(odds, right, share)
        if name == "finding":  # what is shown; functions are only ranked
            most = surest(predicted, right, share)
            print(f"  the surest {SUREST}: {most:.3f}")
            fitted[name] = msgspec.structs.replace(fitted[name], most=round(most, 3))
    draw(bins, predicted, right, share, [cases.facts[at][3] for at in chosen], arguments.pictures)
    place = arguments.model / "calibration.json"
    checks = Calibration.load(place).checks if place.exists() else {}  # of training/bug_checks.py
    calibration = Calibration(arguments.share, fitted["finding"], fitted["function"], checks)
    (arguments.model / "calibration.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n"
    )
    print(calibration)
    return 0


def hash_of(repository: str) -> int:
    """A number that is the same in every run."""
    return sum(map(ord, repository))


def _weights(cases: Cases, chosen: Sequence[int], share: float) -> np.ndarray:
    """What each function counts, so that `share` of all is buggy; kinds as the scorer weighs them."""
    buggy = np.array([cases.facts[at][0] == BUGGY for at in chosen])
    weights = np.array([weight_of(cases.facts[at]) for at in chosen]) * matched(cases, np.array(chosen))
    return np.where(
        buggy, share * weights / weights[buggy].sum(), (1 - share) * weights / weights[~buggy].sum()
    )


Row = tuple[float, bool, int]


def _judged(cases: Cases, chosen: Sequence[int], scorer: Scorer, trees: Trees) -> tuple[list[Row], list[Row]]:
    """(log odds, right, number of the function): of each line that would be found, and of each function."""
    lines, functions = list[Row](), list[Row]()
    for number, at in enumerate(chosen):
        inside = slice(cases.starts[at], cases.starts[at + 1])
        rows, of_line = cases.rows[inside].astype(np.float32), cases.lines[inside].astype(np.int64)
        scores, none = scorer.scores(rows, cases.functions[at])
        each_place, _ = probabilities(scores, none)
        largest = np.zeros(int(of_line.max()) + 1)
        np.maximum.at(largest, of_line, each_place)
        for line in np.argsort(-largest)[:LINES]:
            best = int(np.where(of_line == line, each_place, -1).argmax())
            lines.append((_odds(float(largest[line])), bool(cases.nears[inside][best]), number))
        odds = trees.odds(aggregates(scores, none, rows, of_line))
        functions.append((odds, cases.facts[at][0] == BUGGY, number))
    return lines, functions


def _odds(probability: float) -> float:
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return float(np.log(inside / (1 - inside)))


def fit(odds: np.ndarray, right: np.ndarray, weights: np.ndarray) -> Line:
    """Slope and offset by Newton's method: the likeliest ones."""
    columns = np.stack([odds, np.ones(len(odds))], 1)
    weights = weights / weights.sum()
    solution = np.array([1.0, 0.0])
    for _ in range(50):
        predicted = 1 / (1 + np.exp(-np.clip(columns @ solution, -30, 30)))
        slope = columns.T @ (weights * (predicted - right)) + 1e-6 * solution
        curve = (columns * (weights * predicted * (1 - predicted))[:, None]).T @ columns + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        solution -= step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-9))
    return Line(float(solution[0]), float(solution[1]))


def error(predicted: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    """The expected calibration error, in BINS bins of equal width."""
    bins = np.minimum((predicted * BINS).astype(int), BINS - 1)
    total = 0.0
    for each in range(BINS):
        inside = bins == each
        if inside.any():
            total += abs((weights[inside] * (predicted[inside] - right[inside])).sum())
    return float(total / weights.sum())


def surest(predicted: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    """How often the SUREST predictions were right."""
    best = np.argsort(-predicted, kind="stable")[:SUREST]
    return float(np.average(right[best], weights=weights[best]))


def tenths(
    predicted: np.ndarray, right: np.ndarray, weights: np.ndarray
) -> Iterator[tuple[int, float, float]]:
    """(how many, mean probability, share right) in each bin that is not empty."""
    bins = np.minimum((predicted * BINS).astype(int), BINS - 1)
    for each in range(BINS):
        inside = bins == each
        if inside.any():
            said = np.average(predicted[inside], weights=weights[inside])
            held = np.average(right[inside], weights=weights[inside])
            yield int(inside.sum()), float(said), float(held)


def curve(
    predicted: np.ndarray, right: np.ndarray, weights: np.ndarray, points: int = 100
) -> list[tuple[float, float]]:
    """(recall, precision) of functions with a bug, from the surest on."""
    order = np.argsort(-predicted, kind="stable")
    found = np.cumsum((weights * right)[order])
    recall, precision = found / found[-1], found / np.cumsum(weights[order])
    shown = np.unique(np.searchsorted(recall, np.linspace(0, 1, points, endpoint=False), side="right"))
    return [(round(float(recall[at]), 4), round(float(precision[at]), 4)) for at in shown]


def draw(
    bins: Sequence[tuple[int, float, float]],
    predicted: np.ndarray,
    right: np.ndarray,
    weights: np.ndarray,
    languages: Sequence[str],
    folder: Path,
) -> None:
    """The pictures of what is said of functions."""
    title = "Functions of repositories held out"
    (folder / "bug-reliability.svg").write_text(
        reliability(bins, title, "probability of a bug"), encoding="utf-8"
    )
    of = np.array(languages)
    curves = {"all": curve(predicted, right, weights)}
    for language, _ in Counter(of[right.astype(bool)].tolist()).most_common():
        inside = of == language
        if right[inside].sum() >= LEAST:
            curves[language] = curve(predicted[inside], right[inside], weights[inside])
    (folder / "bug-precision-recall.svg").write_text(precision_recall(curves, title), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
