"""The whole way from mined cases to a detector, on cases so small that it learns nothing of worth."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs PyTorch (the extra `train`)")
pytest.importorskip("sklearn", reason="needs scikit-learn (the extra `train`)")

from bug_finder.detect import Detector
from training import bug_calibrate, bug_encode, bug_export, bug_features, bug_network, bug_scorer, bug_trees
from training.bug_scorer import is_apart

pytestmark = pytest.mark.train

BUGGY = """\
def f{0}(first, second):
    total = first + second
    if total < {0}:
        return first
    return second
"""


def write(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def fix(repository: str, number: int) -> dict[str, object]:
    buggy = BUGGY.format(number)
    return {
        "repository": repository,
        "commit": str(number),
        "path": "a.py",
        "language": "python",
        "kind": "wrong_comparison",
        "buggy": buggy,
        "fixed": buggy.replace("<", ">"),
        "fixed_stands": True,
        "tokens": [19, 20],
        "lines": [3, 3],
        "clean": [{"text": buggy.replace("<", ">").replace("total", "whole"), "stands": True}],
    }


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    names = [f"owner/name{number}" for number in range(30)]
    apart = [name for name in names if is_apart(name)][:2]
    for name in [*apart, *(each for each in names if not is_apart(each))][:6]:
        write(
            tmp_path / f"{name.replace('/', '+')}.fixes.jsonl.gz", [fix(name, number) for number in range(8)]
        )
        code = [{"language": "python", "text": BUGGY.format(number)} for number in range(30)]
        write(tmp_path / f"{name.replace('/', '+')}.code.jsonl.gz", code)
    return tmp_path


def test_from_cases_to_a_detector(
    cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(main: Callable[[], int], *arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["program", *map(str, arguments)])
        assert main() == 0

    data, model, features = tmp_path / "data", tmp_path / "model", tmp_path / "features.npz"
    call(bug_encode.main, "--cases", cases, "--out", data)
    call(bug_network.main, "--data", data, "--out", data / "network.pt", "--minutes", 0.02, "--tokens", 512)
    call(
        bug_network.main,
        "--data",
        data,
        "--out",
        data / "network.pt",
        "--minutes",
        0.03,
        "--tokens",
        512,
        "--resume",
    )
    call(bug_export.main, "--data", data, "--weights", data / "network.pt", "--out", model)
    call(bug_features.main, "--cases", cases, "--model", model, "--out", features)
    call(bug_scorer.main, features, "--out", model / "scorer.npz", "--nets", 2, "--epochs", 2)
    kept, trees = data / "scores.npz", model / "trees.npz"
    call(bug_trees.main, features, "--model", model, "--out", trees, "--scores", kept)
    first = trees.read_bytes()
    call(bug_trees.main, features, "--model", model, "--out", trees, "--scores", kept)
    assert trees.read_bytes() == first  # of the scores that were kept
    call(bug_calibrate.main, features, "--model", model, "--pictures", tmp_path)
    assert "held out" in capsys.readouterr().out
    assert "circle" in (tmp_path / "bug-reliability.svg").read_text("utf-8")
    assert "polyline" in (tmp_path / "bug-precision-recall.svg").read_text("utf-8")
    detector = Detector.load(model)
    text = BUGGY.format(3)
    (judged,) = detector.judge(text, "python")
    assert 0 < judged.probability < 1
    assert judged.findings
    assert detector.recipe != Detector.load().recipe
